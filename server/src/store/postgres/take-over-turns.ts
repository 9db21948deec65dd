import type { StopRequest, TakenTurn } from '../../core/turn/turn.ts';
import type { TakeOver } from '../turn-requests.ts';
import type { TurnRow } from '../turn-rows.ts';
import { claimedTurn } from './claimed-turn.ts';
import type { TurnStatements } from './turn-statements.ts';

type TakenRow = TurnRow & { partial_text: string | null; stop_request: StopRequest | null; released: boolean };

/** Takes turns that nobody runs any more under this process's lease. What another process takes right now is left to it. */
export const takeOverTurns = async (statements: TurnStatements, input: TakeOver): Promise<TakenTurn[]> => {
  const { lease, except, limit, historyLimit, at } = input;
  const { owner, durationMs } = lease;
  const running = await statements.all<TakenRow>('takeTurns', input.soleOwner, owner, limit, durationMs, except);
  const waiting = await statements.all<TurnRow>('startTurns', owner, durationMs, at, limit - running.length);
  const taken: TakenTurn[] = [];
  for (const row of running) {
    const claimed = await claimedTurn(statements, row, historyLimit);
    const { partial_text: partial, stop_request: stop, released } = row;
    taken.push({ claimed, partial, stop, waited: false, released });
  }
  for (const row of waiting) {
    const claimed = await claimedTurn(statements, row, historyLimit);
    taken.push({ claimed, partial: null, stop: null, waited: true, released: false });
  }
  return taken;
};
