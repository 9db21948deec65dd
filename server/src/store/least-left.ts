import type { AcceptedTurn, QuotaShare } from '../core/turn/turn.ts';

/** What is used up and reserved of a share in its period. */
export type Counter = { used: number; reserved: number };
/** What of a quota whoever sent a message is told; null where nothing is limited. */
export type Left = Extract<AcceptedTurn, { kind: 'accepted' }>['quota'];

type LimitedShare = QuotaShare & { limit: number };

/** True of the workspace's own shares that have a limit: an agency's counters are not told to its clients. */
export const isTold = (share: QuotaShare, workspaceId: string): share is LimitedShare =>
  share.limit !== null && share.workspaceId === workspaceId;

/** Of the shares that are told, the counter with the least left; `counters` in the order of the shares. */
export const leastLeft = (
  workspaceId: string,
  shares: readonly QuotaShare[],
  counters: readonly (Counter | undefined)[],
): Left => {
  let least: Left = null;
  for (const [index, share] of shares.entries()) {
    const counter = counters[index];
    if (!counter || !isTold(share, workspaceId)) continue;
    const left = { used: counter.used, reserved: counter.reserved, limit: share.limit };
    if (least === null || remaining(left) < remaining(least)) least = left;
  }
  return least;
};

const remaining = ({ used, reserved, limit }: NonNullable<Left>): number => limit - used - reserved;
