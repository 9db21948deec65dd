import type { AcceptTurn, AcceptedTurn, QuotaOwner, QuotaShare, Turn } from '../../core/turn/turn.ts';
import { dayAt, periodAt } from '../../core/usage/period.ts';
import { quotaExceeded } from '../../core/usage/quota-exceeded.ts';
import { isErasedWithUser } from '../../core/usage/quota-owner.ts';
import { type Reached, thresholdEvent } from '../../core/usage/threshold-event.ts';
import { newId } from '../../kit/id.ts';
import type { SqliteConnection } from './connection.ts';
import { turnSql } from './turn-sql.ts';

type Counter = { used: number; reserved: number };
type Quota = AcceptTurn['quota'];
type Left = Extract<AcceptedTurn, { kind: 'accepted' }>['quota'];

/**
 * Reserves one message with every owner of the path, outermost first, or throws quota_exceeded, which undoes the unit. The
 * condition and the change are one statement, so that no number of requests at once can pass a limit. Gives the counters
 * of the share of the workspace's own with the least left, null where none has a limit.
 */
export const reserve = (connection: SqliteConnection, workspaceId: string, quota: Quota): Left => {
  let least: Left = null;
  for (const share of quota.shares) {
    const place = [share.workspaceId, share.ownerId, quota.periodStart] as const;
    if (!reserveShare(connection, share, quota)) {
      const taken = connection.get<Counter>(turnSql.findPeriod, ...place) ?? { used: 0, reserved: 0 };
      throw quotaExceeded(share, taken, { workspaceId, quota });
    }
    const { limit } = share;
    // an agency's counters are not told to its clients
    if (limit === null || share.workspaceId !== workspaceId) continue;
    const counter = connection.get<Counter>(turnSql.findPeriod, ...place);
    if (!counter) continue;
    if (least === null || limit - counter.used - counter.reserved < least.limit - least.used - least.reserved) {
      least = { used: counter.used, reserved: counter.reserved, limit };
    }
  }
  return least;
};

/** False where nothing is left. What was reserved is not asked back in the same statement: that costs twice as much. */
const reserveShare = (connection: SqliteConnection, share: QuotaShare, quota: Quota): boolean => {
  const place = [share.workspaceId, share.ownerId, quota.periodStart] as const;
  if (connection.run(turnSql.reserve, ...place, share.limit, share.warnAt) === 1) return true;
  // the first message of a period, or a limit that is reached
  if (connection.run(turnSql.insertPeriod, ...place, quota.periodEnd) === 0) return false;
  return connection.run(turnSql.reserve, ...place, share.limit, share.warnAt) === 1;
};

/**
 * Turns the reservation into a charge or gives it back, with every owner that holds one, in the period in which the turn
 * was accepted; tells where that crosses a limit or a warning; and counts the turn.
 */
export const settle = (connection: SqliteConnection, turn: Turn, at: number): void => {
  const { periodStart, charged } = turn;
  for (const owner of turn.quotaOwners) {
    const { workspaceId, ownerId } = owner;
    if (!settleShare(connection, owner, turn) || charged === 0) continue;
    connection.run(
      turnSql.insertCharge,
      ...[workspaceId, ownerId, newId('led'), periodStart, turn.id, turn.botId, turn.channel, charged, at],
    );
    const crossed = connection.get<{ reached: Reached }>(
      turnSql.findReached,
      ...[workspaceId, ownerId, periodStart, charged],
    );
    if (!crossed) continue;
    const event = thresholdEvent(crossed.reached, { periodStart, at });
    connection.run(turnSql.insertEvent, workspaceId, event.id, 'usage.threshold', ownerId, event.at, at);
  }
  connection.run(
    turnSql.addUsage,
    ...[turn.workspaceId, turn.mode, dayAt(turn.createdAt), turn.botId, turn.channel, charged],
    ...[turn.inputTokens, turn.outputTokens],
  );
};

/** False where there is no counter of the owner's to settle with any more; see `isErasedWithUser`. */
const settleShare = (
  connection: SqliteConnection,
  { workspaceId, ownerId }: QuotaOwner,
  { periodStart, charged }: Turn,
): boolean => {
  if (connection.run(turnSql.settle, workspaceId, ownerId, periodStart, charged) === 1) return true;
  if (isErasedWithUser(ownerId)) return false;
  if (charged === 0) return true;
  connection.run(turnSql.insertPeriod, workspaceId, ownerId, periodStart, periodAt(periodStart).end);
  connection.run(turnSql.chargeUnreserved, workspaceId, ownerId, periodStart, charged);
  return true;
};
