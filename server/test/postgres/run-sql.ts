import { Client } from 'pg';
import { valuesAsOnSqlite } from '../../src/store/postgres/connection.ts';

/** Runs SQL on a connection of its own; gives the rows. */
export const runSql = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new Client({ connectionString: url, types: valuesAsOnSqlite });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};
