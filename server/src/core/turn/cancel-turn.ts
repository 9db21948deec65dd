import type { Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import { findTurn } from './find-turn.ts';
import { isEnded, type TurnWithReply } from './turn.ts';
import { TurnLog } from './turn-log.ts';
import { packTurnLog } from './turn-log-record.ts';
import type { TurnRunner } from './turn-runner.ts';
import type { TurnStore } from './turn-store.ts';

/** The longest a caller waits for the running call to end and the text to be stored; it takes milliseconds. */
const waitMs = 5_000;

/**
 * Ends a turn; what text it has is kept. A turn that has ended is given as it is. Throws not_found.
 */
export const cancelTurn = async (
  parts: { turns: TurnStore; runner: TurnRunner },
  principal: Principal,
  turnId: string,
): Promise<TurnWithReply> => {
  const known = await findTurn(parts.turns, principal, turnId);
  if (isEnded(known.turn.status)) return known;
  const { workspaceId } = principal;
  const live = parts.runner.live.get(turnId);
  const log = packTurnLog(live?.log ?? new TurnLog(turnId, known.turn.attempt));
  const stopped = await parts.turns.requestStop({ workspaceId, turnId, request: 'cancel', log, at: Date.now() });
  if (!stopped) throw notFound('turn');
  if (stopped.kind === 'ended') {
    parts.runner.endWaiting(turnId, stopped.result);
    return stopped.result;
  }
  parts.runner.stop(turnId, 'cancel');
  const running = parts.runner.live.get(turnId);
  return (await running?.log.waitForEnd(waitMs)) ?? findTurn(parts.turns, principal, turnId);
};
