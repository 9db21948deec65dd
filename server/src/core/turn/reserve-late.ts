import { setTimeout } from 'node:timers/promises';
import { ParleyError } from '../error.ts';
import { periodAt } from '../usage/period.ts';
import type { ClaimedTurn, QuotaShare, Turn } from './turn.ts';
import { storeRetryMs } from './store-retry.ts';
import type { TurnObserver } from './turn-observer.ts';
import type { TurnStore } from './turn-store.ts';

export type ReserveLateParts = {
  turns: Pick<TurnStore, 'reserve'>;
  observer: Pick<TurnObserver, 'storeFailed'>;
  /** Where the turn counts by the limits in force; null where its workspace or bot is gone. */
  sharesOf: (turn: Turn) => Promise<readonly QuotaShare[] | null>;
};

/**
 * What was accepted while a person had the conversation has reserved nothing. Where that person has given it back before
 * the turn had its place, the bot answers, and the message is reserved now. Gives the turn as it is to be ended, null where
 * it is no longer ours. Throws quota_exceeded.
 */
export const reserveLate = async (
  { turns, observer, sharesOf }: ReserveLateParts,
  { turn, conversationStatus }: ClaimedTurn,
): Promise<Turn | null> => {
  if (conversationStatus === 'human' || turn.mode === 'test' || turn.quotaOwners.length > 0) return turn;
  const shares = await sharesOf(turn);
  if (!shares) return null;
  const { start: periodStart, end: periodEnd } = periodAt(turn.periodStart);
  const quota = { periodStart, periodEnd, shares };
  for (const pauseMs of storeRetryMs) {
    try {
      return await turns.reserve({ turn, quota });
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'storage_unavailable') throw error;
      // it may have reserved, and must be asked again before the turn ends
      observer.storeFailed(turn.id, error);
      await setTimeout(pauseMs);
    }
  }
  return turns.reserve({ turn, quota });
};
