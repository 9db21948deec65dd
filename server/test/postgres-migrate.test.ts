import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrations } from '../src/store/migrations/index.ts';
import { inspectPostgres } from '../src/store/postgres/inspect.ts';
import { migratePostgres } from '../src/store/postgres/migrate.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';

let url: string;
beforeEach(async () => {
  url = await createDatabase({ migrated: false });
});
afterEach(() => dropDatabase(url));

it('is done by one of several servers that start at once, while the others wait for it', async () => {
  const taken = await Promise.all(Array.from({ length: 5 }, () => migratePostgres(url)));
  const names = migrations.map(({ name }) => name);
  expect(taken.filter((steps) => steps.length > 0)).toEqual([names]);
  const { pendingMigrations, unknownMigrations, empty } = await inspectPostgres(url);
  expect({ pendingMigrations, unknownMigrations, empty }).toEqual({
    pendingMigrations: [],
    unknownMigrations: [],
    empty: false,
  });
});

it('lets every text sort by its bytes, as on SQLite, in a database that sorts by the rules of a language', async () => {
  const sorted = (expression: string) =>
    runSql(
      url,
      `select value from (values ('b'), ('B'), ('a_'), ('aB'), ('ä')) as list (value) order by ${expression}`,
    );
  const names = async (rows: Promise<Record<string, unknown>[]>) => (await rows).map(({ value }) => value);
  expect(await names(sorted('value'))).not.toEqual(await names(sorted('value collate "C"')));
  await migratePostgres(url);
  const others = await runSql(
    url,
    `select table_name, column_name from information_schema.columns
      where table_schema = 'public' and data_type = 'text' and collation_name is distinct from 'C'`,
  );
  expect(others).toEqual([]);
});

it('undoes a step that fails, and says why', async () => {
  await runSql(url, 'create table bots (surprise text)');
  await expect(migratePostgres(url)).rejects.toThrow(/"bots" already exists/);
  expect(await runSql(url, "select 1 from pg_tables where tablename = 'workspaces'")).toEqual([]);
  expect(await runSql(url, 'select name from kysely_migration')).toEqual([]);
});

it('refuses a database that is not in UTF-8', async () => {
  const name = `${new URL(url).pathname.slice(1)}_latin`;
  const latin = url.replace(/\/[^/]*$/, `/${name}`);
  await runSql(url, `create database ${name} template template0 encoding 'LATIN1' locale_provider libc locale 'C'`);
  try {
    await expect(migratePostgres(latin)).rejects.toThrow('the database has the encoding LATIN1');
  } finally {
    await dropDatabase(latin);
  }
});
