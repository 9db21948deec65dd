import { ParleyError } from '../../core/error.ts';
import type { AcceptTurn } from '../../core/turn/turn.ts';
import type { SqliteConnection } from './connection.ts';
import { turnSql } from './turn-sql.ts';

type Counter = { used: number; reserved: number };

/**
 * Reserves one message with every owner of the path, or throws quota_exceeded. The condition and the change are one
 * statement, so that no number of requests at once can pass the limit. Gives the counters of the first
 * owner with a limit.
 */
export const reserve = (
  connection: SqliteConnection,
  workspaceId: string,
  quota: AcceptTurn['quota'],
): Counter | null => {
  let first: Counter | null = null;
  for (const share of quota.shares) {
    const place = [workspaceId, share.ownerId, quota.periodStart] as const;
    if (connection.run(turnSql.reserve, ...place, share.limit) === 0) {
      connection.run(turnSql.insertPeriod, ...place, quota.periodEnd);
      if (connection.run(turnSql.reserve, ...place, share.limit) === 0) {
        throw quotaExceeded(connection.get<Counter>(turnSql.findPeriod, ...place), share.limit, quota.periodEnd);
      }
    }
    if (share.limit !== null) first ??= connection.get<Counter>(turnSql.findPeriod, ...place) ?? null;
  }
  return first;
};

const quotaExceeded = (counter: Counter | undefined, limit: number | null, periodEnd: number): ParleyError => {
  const taken = (counter?.used ?? 0) + (counter?.reserved ?? 0);
  const end = new Date(periodEnd).toISOString().replace('.000Z', 'Z');
  return new ParleyError('quota_exceeded', `${taken} of ${limit} messages used; the period ends ${end}.`);
};
