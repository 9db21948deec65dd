import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
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

it('makes what turns call where that alone is missing, and says who may where this role may not', async () => {
  await migratePostgres(url);
  const find = () => runSql(url, "select proname from pg_proc where proname like 'parley\\_%' order by proname");
  const made = await find();
  expect(made).toHaveLength(2);
  const drop = async () => {
    for (const { proname } of made) await runSql(url, `drop function ${String(proname)}`);
  };
  const role = `reader_${randomUUID().replaceAll('-', '')}`;
  await runSql(url, `create role ${role} login`);
  try {
    await runSql(url, `grant select on all tables in schema public to ${role}`);
    const ofRole = url.replace(/\/\/[^@]*@/, `//${role}@`);
    expect((await inspectPostgres(ofRole)).pendingMigrations).toEqual([]);
    await drop();
    expect((await inspectPostgres(ofRole)).pendingMigrations).toEqual(['turn-functions']);
    await expect(migratePostgres(ofRole)).rejects.toMatchObject({
      code: 'storage_unavailable',
      detail: expect.stringContaining('run migrate once with the role that owns the tables'),
    });
    await migratePostgres(url);
    expect(await find()).toEqual(made);
    await runSql(url, `revoke execute on all functions in schema public from public`);
    expect((await inspectPostgres(ofRole)).pendingMigrations).toEqual(['turn-functions']);
  } finally {
    await runSql(url, `drop owned by ${role}; drop role ${role}`);
  }
});

it.each([
  [14_000, 'the clock of this machine is 14 s ahead of that of PostgreSQL'],
  [-14_000, 'the clock of this machine is 14 s behind that of PostgreSQL'],
  [0, null],
])('is followed by a look at the clocks, which differ by %d ms', async (differenceMs, worry) => {
  await migratePostgres(url);
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + differenceMs);
  try {
    const { clockWorry } = await inspectPostgres(url);
    expect(clockWorry?.split(':')[0] ?? null).toBe(worry);
  } finally {
    vi.restoreAllMocks();
  }
});
