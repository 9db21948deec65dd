import type { FinishTurn } from '../core/turn/turn.ts';
import type { HeldEvent } from '../core/webhook/outbox.ts';
import { newId } from '../kit/id.ts';

/** What the outbox tells of a turn's end. */
export const eventOf = ({
  turn,
  status,
  at,
}: Pick<FinishTurn, 'turn' | 'status' | 'at'>): Omit<HeldEvent, 'heldUntil'> => ({
  workspaceId: turn.workspaceId,
  id: newId('evt'),
  type: status === 'failed' ? 'turn.failed' : 'turn.completed',
  subjectId: turn.id,
  createdAt: at,
});
