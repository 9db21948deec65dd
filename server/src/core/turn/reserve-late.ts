import { periodAt } from '../usage/period.ts';
import type { ClaimedTurn, QuotaShare, Turn } from './turn.ts';
import { retryPassing } from './store-retry.ts';
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
 * it is no longer ours. Throws quota_exceeded, and storage_unavailable or overloaded where the store stays away: it may have
 * reserved then.
 */
export const reserveLate = async (
  { turns, observer, sharesOf }: ReserveLateParts,
  { turn, conversationStatus }: ClaimedTurn,
): Promise<Turn | null> => {
  if (conversationStatus === 'human' || turn.mode === 'test' || turn.quotaOwners.length > 0) return turn;
  const { start: periodStart, end: periodEnd } = periodAt(turn.periodStart);
  const reserve = async (): Promise<Turn | null> => {
    const shares = await sharesOf(turn);
    return shares && turns.reserve({ turn, quota: { periodStart, periodEnd, shares } });
  };
  // one that failed may have reserved, and must be asked again before the turn ends
  return retryPassing(reserve, { onFailed: (error) => observer.storeFailed(turn.id, error) });
};
