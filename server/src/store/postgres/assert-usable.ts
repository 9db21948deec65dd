import type { PostgresQueries } from './connection.ts';

/** Older ones are not tried, and out of maintenance soon. */
const oldestMajor = 15;

/** What of a server's settings Parley depends on. */
export type PostgresSettings = {
  /** As the server gives it: 15.4 is 150004. */
  versionNumber: number;
  version: string;
  encoding: string;
  synchronousCommit: string;
  /** By how much this machine's clock is ahead of the server's, as far as a round trip can tell. */
  clockAheadMs: number;
};

export const readSettings = async (database: PostgresQueries): Promise<PostgresSettings> => {
  const askedAt = Date.now();
  const [row] = await database.query<Omit<PostgresSettings, 'clockAheadMs'> & { now: number }>(
    null,
    `select current_setting('server_version_num')::integer as "versionNumber",
      current_setting('server_version') as version, current_setting('server_encoding') as encoding,
      current_setting('synchronous_commit') as "synchronousCommit",
      (extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
    [],
  );
  if (!row) throw new Error('PostgreSQL gives no settings');
  const { now, ...settings } = row;
  return { ...settings, clockAheadMs: aheadOf(now, { askedAt, answeredAt: Date.now() }) };
};

/** Zero where what was told lies within the round trip. */
const aheadOf = (now: number, { askedAt, answeredAt }: { askedAt: number; answeredAt: number }): number =>
  Math.max(0, askedAt - now) - Math.max(0, now - answeredAt);

/** Why Parley cannot work on this server, as a sentence; null where it can. */
export const unusable = ({ versionNumber, version, encoding }: PostgresSettings): string | null => {
  if (versionNumber < oldestMajor * 10_000) {
    return `PostgreSQL ${version} is too old: ${oldestMajor} or newer is needed`;
  }
  return encoding === 'UTF8' ? null : `the database has the encoding ${encoding}: create it with encoding UTF8`;
};

/**
 * What servers take over from each other goes by the database's clock; when something ends or begins goes by that of the
 * server that is asked. NTP keeps clocks within milliseconds: with two seconds it is not at work.
 */
const longDifferenceMs = 2_000;

/** What is to be said of the two clocks; null where they agree. */
export const clockWorry = ({ clockAheadMs }: Pick<PostgresSettings, 'clockAheadMs'>): string | null => {
  if (Math.abs(clockAheadMs) <= longDifferenceMs) return null;
  const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
  const side = clockAheadMs > 0 ? 'ahead of' : 'behind';
  const when = clockAheadMs > 0 ? 'early' : 'late';
  return `the clock of this machine is ${seconds} s ${side} that of PostgreSQL: keys and sessions end, and quotas begin anew, that much too ${when}; let both keep time by NTP`;
};

/** What an operator should know although Parley works; null where there is nothing. */
export const worrying = ({ synchronousCommit }: PostgresSettings): string | null =>
  synchronousCommit === 'off'
    ? 'synchronous_commit is off in PostgreSQL: a crash of its machine may lose what Parley has confirmed'
    : null;
