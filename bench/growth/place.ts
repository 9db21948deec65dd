import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteConnection } from '../../server/src/store/sqlite/connection.ts';
import { runSql } from '../../server/test/postgres/run-sql.ts';
import type { BenchPostgres } from '../postgres.ts';

export type Rows = Record<string, unknown>[];

/** Where a server's data lies, and a way past it, for what would take an API hours. */
export type Place = {
  dataDir: string;
  env: Record<string, string>;
  /** Each in a transaction of its own. */
  run(statements: readonly string[]): Promise<Rows>;
  /** What a server that has run for long has: statistics, and a log that is in the database. */
  tidy(): Promise<void>;
  /** Of the database with its indexes; call it where no server writes. */
  sizeBytes(): Promise<number>;
};

export type PlaceKind = 'sqlite' | 'postgres';

/** A connection for each call, since a server that stops takes the log with it. */
const sqlitePlace = (dataDir: string): Place => {
  const withConnection = (statements: readonly string[]): Rows => {
    const connection = new SqliteConnection(join(dataDir, 'parley.db'), { readOnly: false });
    try {
      // what is seeded may be lost with the machine's power
      connection.exec('pragma synchronous = off');
      let rows: Rows = [];
      for (const statement of statements) rows = connection.database.prepare(statement).all();
      return rows;
    } finally {
      connection.close();
    }
  };
  return {
    dataDir,
    env: {},
    run: (statements) => Promise.resolve(withConnection(statements)),
    tidy: () => {
      withConnection(['analyze', 'pragma wal_checkpoint(truncate)']);
      return Promise.resolve();
    },
    sizeBytes: () => {
      withConnection(['pragma wal_checkpoint(truncate)']);
      const used = `select (select page_count from pragma_page_count) - (select freelist_count from pragma_freelist_count)`;
      const [row] = withConnection([`select (${used}) * (select page_size from pragma_page_size) as bytes`]);
      return Promise.resolve(Number(row?.['bytes']));
    },
  };
};

const secretBytes = 48;
const tablesSize = `select sum(pg_total_relation_size(oid)) as bytes from pg_class
  where relkind = 'r' and relnamespace = 'public'::regnamespace`;

const postgresPlace = (dataDir: string, url: string): Place => ({
  dataDir,
  env: { DATABASE_URL: url, PARLEY_SECRET: randomBytes(secretBytes).toString('base64') },
  run: async (statements) => {
    let rows: Rows = [];
    for (const statement of statements) rows = await runSql(url, statement);
    return rows;
  },
  tidy: async () => {
    await runSql(url, 'vacuum analyze');
  },
  sizeBytes: async () => Number((await runSql(url, tablesSize))[0]?.['bytes']),
});

/** A new, empty one; `postgres` is the server for those that are in a database of it. */
export const makePlace = async (
  name: string,
  { directory, postgres }: { directory: string; postgres: BenchPostgres | null },
): Promise<Place> => {
  const dataDir = join(directory, name);
  mkdirSync(dataDir);
  return postgres ? postgresPlace(dataDir, await postgres.createDatabase(name)) : sqlitePlace(dataDir);
};
