import { sql } from 'kysely';
import type { Clock } from '../../kit/clock.ts';
import type { LeaseClock } from '../lease-clock.ts';

/**
 * Leases and due times go by the clock of the database, whatever those of the servers say: whoever holds something and
 * whoever would take it look at the same one. Milliseconds since 1970, as everywhere.
 */

/** When a lease runs out that is taken or renewed now; `milliseconds` is an SQL expression, and null gives null. */
export const leaseUntil = (milliseconds: string): string =>
  // not now(), which stands still in a transaction that waited for a lock
  `(extract(epoch from clock_timestamp()) * 1000)::bigint + ${milliseconds}`;

/** What a lease is compared with. It stands still in a statement, so that an index can be searched by it. */
export const leaseNow = '(extract(epoch from now()) * 1000)::bigint';

const fromNow = (milliseconds: number) => sql<number>`${sql.raw(leaseUntil(''))}${Math.round(milliseconds)}::bigint`;

/** `clock`: that of this process, by which its own times are told. */
export const postgresLeaseClock = (clock: Clock): LeaseClock => ({
  now: () => sql<number>`${sql.raw(leaseNow)}`,
  fromNow,
  moment: (time) => fromNow(time - clock()),
});
