import type { TurnStore } from '../core/turn/turn-store.ts';

export type TakeOver = Parameters<TurnStore['takeOver']>[0];
export type StopTurn = Parameters<TurnStore['requestStop']>[0];
export type Stopped = Awaited<ReturnType<TurnStore['requestStop']>>;
