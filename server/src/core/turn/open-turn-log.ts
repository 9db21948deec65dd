import { notFound, ParleyError } from '../error.ts';
import { mayBeAnswered } from './awaited-replies.ts';
import { isEnded } from './turn.ts';
import type { TurnLog } from './turn-log.ts';
import { briefLog, unpackTurnLog } from './turn-log-record.ts';
import type { TurnRunner } from './turn-runner.ts';
import type { TurnReader } from './turn-store.ts';

/**
 * Pauses between looks for a turn that neither runs here nor has ended: it is being taken over. They grow, since thousands
 * may wait for one.
 */
const firstLookMs = 100;
const longestPauseMs = 1_000;
const lookForMs = 30_000;

export type OpenTurnLog = {
  workspaceId: string;
  turnId: string;
  /** True where a log that is no longer kept is told again from the turn alone: its text in one piece. */
  retell?: boolean;
  /** True where the reader stays for the reply of a person, who has the conversation in hand. */
  awaitReply?: boolean;
};

/**
 * The log that a reader is led on to whose own was given up; a server that stops leads nobody on, since its readers are to
 * go elsewhere. Throws as `openTurnLog`.
 */
export const followOnLog = (parts: Parameters<typeof openTurnLog>[0], turn: OpenTurnLog): Promise<TurnLog> =>
  parts.runner.draining
    ? Promise.reject(new ParleyError('overloaded', 'The server is stopping.', { retryAfterSeconds: 1 }))
    : openTurnLog(parts, turn);

/**
 * The log of a turn for a reader: the live one where the turn waits or runs here, one that follows it where it does so in
 * another process, else rebuilt from what was stored.
 * Throws overloaded, not_found, and turn_log_expired once the log is no longer kept.
 */
export const openTurnLog = async (
  parts: { turns: TurnReader; runner: Pick<TurnRunner, 'live' | 'awaited' | 'follow' | 'draining' | 'handedOver'> },
  { workspaceId, turnId, retell = false, awaitReply = false }: OpenTurnLog,
): Promise<TurnLog> => {
  const giveUpAt = performance.now() + lookForMs;
  for (let pauseMs = firstLookMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const live = parts.runner.live.get(turnId);
    if (live?.turn.workspaceId === workspaceId) return live.log;
    const known = await parts.turns.find(workspaceId, turnId);
    if (!known) throw notFound('turn');
    if (isEnded(known.turn.status)) {
      const record = await parts.turns.findRecord(workspaceId, turnId);
      // a person may take longer than logs are kept
      if (awaitReply && mayBeAnswered(known)) return parts.runner.awaited.open(known, record?.log ?? briefLog(known));
      if (!record?.log && !retell) throw new ParleyError('turn_log_expired');
      return unpackTurnLog(record?.log ?? briefLog(known), known);
    }
    if (parts.runner.handedOver) {
      throw new ParleyError('overloaded', `The server is stopping and ${turnId} goes on.`, { retryAfterSeconds: 1 });
    }
    // it may have come here between the two looks
    const followed = parts.runner.live.get(turnId) ? null : parts.runner.follow(known.turn);
    if (followed) return followed;
    if (performance.now() > giveUpAt) {
      throw new ParleyError('overloaded', 'The turn is being taken over.', { retryAfterSeconds: 2 });
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
  }
};
