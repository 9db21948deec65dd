import type { AcceptTurn, QuotaOwner, QuotaShare, Turn } from '../../core/turn/turn.ts';
import { dayAt, periodAt } from '../../core/usage/period.ts';
import { quotaExceeded } from '../../core/usage/quota-exceeded.ts';
import { isErasedWithUser } from '../../core/usage/quota-owner.ts';
import { type Reached, thresholdEvent } from '../../core/usage/threshold-event.ts';
import { newId } from '../../kit/id.ts';
import { type Counter, isTold, type Left, leastLeft } from '../least-left.ts';
import type { SqliteConnection } from './connection.ts';
import { turnSql } from './turn-sql.ts';

type Quota = AcceptTurn['quota'];

/**
 * Reserves one message with every owner of the path, outermost first, or throws quota_exceeded, which undoes the unit. The
 * condition and the change are one statement, so that no number of requests at once can pass a limit. Gives what
 * `leastLeft` says.
 */
export const reserve = (connection: SqliteConnection, workspaceId: string, quota: Quota): Left => {
  const counters = quota.shares.map((share) => {
    const place = [share.workspaceId, share.ownerId, quota.periodStart] as const;
    const isReserved = reserveShare(connection, share, quota);
    if (isReserved && !isTold(share, workspaceId)) return undefined;
    const counter = connection.get<Counter>(turnSql.findPeriod, ...place);
    if (!isReserved) throw quotaExceeded(share, counter ?? { used: 0, reserved: 0 }, { workspaceId, quota });
    return counter;
  });
  return leastLeft(workspaceId, quota.shares, counters);
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
