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
};

export const readSettings = async (database: PostgresQueries): Promise<PostgresSettings> => {
  const [row] = await database.query<PostgresSettings>(
    null,
    `select current_setting('server_version_num')::integer as "versionNumber",
      current_setting('server_version') as version, current_setting('server_encoding') as encoding,
      current_setting('synchronous_commit') as "synchronousCommit"`,
    [],
  );
  if (!row) throw new Error('PostgreSQL gives no settings');
  return row;
};

/** Why Parley cannot work on this server, as a sentence; null where it can. */
export const unusable = ({ versionNumber, version, encoding }: PostgresSettings): string | null => {
  if (versionNumber < oldestMajor * 10_000) {
    return `PostgreSQL ${version} is too old: ${oldestMajor} or newer is needed`;
  }
  return encoding === 'UTF8' ? null : `the database has the encoding ${encoding}: create it with encoding UTF8`;
};

/** What an operator should know although Parley works; null where there is nothing. */
export const worrying = ({ synchronousCommit }: PostgresSettings): string | null =>
  synchronousCommit === 'off'
    ? 'synchronous_commit is off in PostgreSQL: a crash of its machine may lose what Parley has confirmed'
    : null;
