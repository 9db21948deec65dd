import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inject } from 'vitest';
import type { StorePlace } from '../src/store/open-store.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { setDatabaseClock } from './postgres/set-database-clock.ts';

/** The kind of store that the tests of this run are on. */
export const storeKind: StorePlace['kind'] = inject('postgresPort') === undefined ? 'sqlite' : 'postgres';

/** A database of its own, of this run's kind. On SQLite it is made when it is opened first. */
export type TestDatabase = {
  place: StorePlace;
  /** What tells Parley of it. */
  environment: Record<string, string>;
  /** Looks into it past the store. */
  query: (sql: string) => Promise<Record<string, unknown>[]>;
  /** Writes past the store, for what no test can wait for: hours that have passed. */
  write: (sql: string) => Promise<void>;
  /** Sets what PostgreSQL takes the time to be there; to be called before a store is opened, too. Nothing on SQLite. */
  setClock: (at: number) => Promise<void>;
  /** The names of Parley's tables. */
  tables: () => Promise<string[]>;
  /** Removes it, where that needs more than removing its folder. */
  drop: () => Promise<void>;
};

/** As an operator would make one, and the same for all tests. */
export const testSecret = 'XcQ0v7TnE4yLr9Zk2mWf6JhB8sUaGdPo';
/** The store itself holds the file for some milliseconds at a time. */
const writeTimeoutMs = 5_000;
const urlFile = 'database-url';

/** The database that belongs to a folder: the same for every call. */
export const databaseOf = async (folder: string, kind = storeKind): Promise<TestDatabase> =>
  kind === 'sqlite' ? ofSqlite(folder) : ofPostgres(folder);

const ofSqlite = (folder: string): TestDatabase => {
  const path = join(folder, 'parley.db');
  const query = (sql: string): Record<string, unknown>[] => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare(sql).all();
    } finally {
      database.close();
    }
  };
  return {
    place: { kind: 'sqlite', path },
    environment: {},
    query: (sql) => Promise.resolve(query(sql)),
    write: (sql) => {
      const database = new DatabaseSync(path, { timeout: writeTimeoutMs });
      try {
        database.exec(sql);
      } finally {
        database.close();
      }
      return Promise.resolve();
    },
    setClock: () => Promise.resolve(),
    tables: () =>
      Promise.resolve(
        query(
          "select name from sqlite_schema where type = 'table' and name not like 'kysely%' and name not like 'sqlite%'",
        ).map(({ name }) => String(name)),
      ),
    drop: () => Promise.resolve(),
  };
};

const ofPostgres = async (folder: string): Promise<TestDatabase> => {
  const known = join(folder, urlFile);
  if (!existsSync(known)) writeFileSync(known, await createDatabase());
  const url = readFileSync(known, 'utf8');
  return {
    place: { kind: 'postgres', url, poolSize: 4 },
    environment: { DATABASE_URL: url, PARLEY_SECRET: testSecret, PARLEY_DATABASE_CONNECTIONS: '4' },
    query: (sql) => runSql(url, sql),
    write: async (sql) => void (await runSql(url, sql)),
    setClock: (at) => setDatabaseClock(url, at),
    tables: async () =>
      (
        await runSql(
          url,
          "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'",
        )
      ).map(({ name }) => String(name)),
    drop: () => dropDatabase(url),
  };
};
