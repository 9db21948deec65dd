import { openTurnLog } from './open-turn-log.ts';
import type { Turn, TurnWithReply } from './turn.ts';
import type { TurnLog } from './turn-log.ts';

/**
 * Resolves with the turn once it has ended, whichever process comes to end it; null after `waitMs`, and where it is gone.
 * An attempt whose process died is followed by the next one's log.
 */
export const waitForTurn = async (
  parts: Parameters<typeof openTurnLog>[0],
  first: TurnLog,
  { turn, waitMs }: { turn: Pick<Turn, 'workspaceId' | 'id'>; waitMs: number },
): Promise<TurnWithReply | null> => {
  const giveUpAt = performance.now() + waitMs;
  for (let log = first; ;) {
    const ended = await log.waitForEnd(giveUpAt - performance.now());
    if (ended || !log.abandoned || performance.now() >= giveUpAt || parts.runner.draining) return ended;
    log = await openTurnLog(parts, { workspaceId: turn.workspaceId, turnId: turn.id, retell: true });
  }
};
