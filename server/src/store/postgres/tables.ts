import { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Tables } from '../transfer/tables.ts';
import { PostgresPool, type PostgresSession } from './connection.ts';
import { kyselyDialect } from './kysely-driver.ts';

const over = (session: PostgresSession): Kysely<Schema> => new Kysely({ dialect: kyselyDialect({ session }) });

/** The tables of a database, beside servers that may be writing it. */
export const openPostgresTables = (url: string): Tables => {
  const pool = new PostgresPool({ url, size: 1, statementTimeoutMs: 0, applicationName: 'parley transfer' });
  return {
    snapshot: (work) => pool.transaction((session) => work(over(session)), { isolation: 'snapshot' }),
    transact: (work) => pool.transaction((session) => work(over(session))),
    measure: () => pool.withSession((session) => session.exec('analyze')),
    close: () => pool.close(),
  };
};
