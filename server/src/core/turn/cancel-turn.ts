import type { Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import { findTurn } from './find-turn.ts';
import { isEnded, type Turn, type TurnWithReply } from './turn.ts';
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
  const log = packTurnLog(live?.log ?? waitingLog(known.turn));
  const stopped = await parts.turns.requestStop({ workspaceId, turnId, request: 'cancel', log, at: Date.now() });
  if (!stopped) throw notFound('turn');
  if (stopped.kind === 'ended') {
    parts.runner.endWaiting(turnId, stopped.result);
    return stopped.result;
  }
  parts.runner.stopAnywhere(turnId, 'cancel');
  const running = parts.runner.live.get(turnId)?.log ?? parts.runner.follow(known.turn);
  return (await running?.waitForEnd(waitMs)) ?? findTurn(parts.turns, principal, turnId);
};

/** What readers elsewhere have seen of a turn that waits there. */
const waitingLog = (turn: Turn): TurnLog => {
  const log = new TurnLog(turn.id, turn.attempt);
  log.append({ type: 'queued' });
  return log;
};
