/**
 * Leases go by the clock of the database, whatever those of the servers say: whoever holds a turn and whoever would take
 * it look at the same one. Milliseconds since 1970, as everywhere.
 */

/** When a lease runs out that is taken or renewed now; `milliseconds` is an SQL expression, and null gives null. */
export const leaseUntil = (milliseconds: string): string =>
  // not now(), which stands still in a transaction that waited for a lock
  `(extract(epoch from clock_timestamp()) * 1000)::bigint + ${milliseconds}`;

/** What a lease is compared with. It stands still in a statement, so that an index can be searched by it. */
export const leaseNow = '(extract(epoch from now()) * 1000)::bigint';
