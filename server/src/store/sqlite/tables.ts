import { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { Tables } from '../transfer/tables.ts';
import { beginImmediate } from './begin-immediate.ts';
import { SqliteConnection } from './connection.ts';
import { kyselyDialect } from './kysely-driver.ts';

/** The tables of a database file, beside a server that may be writing it. */
export const openSqliteTables = (path: string): Tables => {
  const connection = new SqliteConnection(path, { readOnly: false });
  const db = new Kysely<Schema>({ dialect: kyselyDialect({ alone: connection }) });

  const within = async <Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result> => {
    try {
      const result = await work(db);
      connection.exec('commit');
      return result;
    } catch (error) {
      if (connection.isTransaction) connection.exec('rollback');
      throw error;
    }
  };

  return {
    snapshot: async (work) => {
      // the moment is that of the first read
      connection.exec('begin; select count(*) from kysely_migration');
      return within(work);
    },
    transact: async (work) => {
      await beginImmediate(connection);
      return within(work);
    },
    // it plans by sizes that are laid down
    measure: () => Promise.resolve(),
    close: () => {
      connection.close();
      return Promise.resolve();
    },
  };
};
