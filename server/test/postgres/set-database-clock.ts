import { runSql } from './run-sql.ts';

/**
 * Sets what a database takes the time to be, in milliseconds since 1970; it stands still then. Connections that were made
 * before the first call keep PostgreSQL's own time.
 */
export const setDatabaseClock = async (url: string, at: number): Promise<void> => {
  const database = new URL(url).pathname.slice(1);
  const functions = ['now', 'clock_timestamp'].map(
    (name) => `create or replace function public.${name}() returns timestamptz language sql stable
      as 'select to_timestamp(${at} / 1000.0)'`,
  );
  // PostgreSQL's own are found after ours
  const order = `alter database ${database} set search_path = public, pg_catalog`;
  await runSql(url, [...functions, order].join('; '));
};
