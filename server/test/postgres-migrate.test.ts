import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { migrations } from '../src/store/migrations/index.ts';
import { PostgresPool } from '../src/store/postgres/connection.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { inspectPostgres } from '../src/store/postgres/inspect.ts';
import {
  hasTurnFunctions,
  makeTurnFunctions,
  noteTurnFunctions,
  turnFunctions,
} from '../src/store/postgres/make-turn-functions.ts';
import { migratePostgres } from '../src/store/postgres/migrate.ts';
import { turnFunction } from '../src/store/postgres/turn-function.ts';
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

it('keeps what turns of the eight versions call whose servers started last, in whatever order', async () => {
  await migratePostgres(url);
  const parts = { parameters: 'n bigint', returns: 'bigint' };
  /** One of a version's functions stays as it was in the version before. */
  const versions = Array.from({ length: 10 }, (_, n) => [
    turnFunction('parley_accept_turns', { ...parts, body: `begin return n + ${n}; end` }),
    turnFunction('parley_finish_turns', { ...parts, body: `begin return n - ${n < 2 ? 0 : n}; end` }),
  ]);
  const make = (...numbers: number[]) =>
    numbers.reduce((made, n) => made.then(() => makeTurnFunctions(pool, versions[n])), Promise.resolve());
  const older = turnFunction('parley_accept_turns', { ...parts, body: 'begin return 0; end' });
  await runSql(url, older.definition);
  await runSql(url, 'create function parley_accept_turns_of_mine() returns int language sql return 1');
  const pool = new PostgresPool({ url, size: 4 });
  const missing = async () => {
    const there = await Promise.all(versions.map((functions) => hasTurnFunctions(pool, functions)));
    return there.flatMap((isThere, n) => (isThere ? [] : [n]));
  };
  try {
    await runSql(url, "delete from instance_settings where name = 'turn_functions'");
    // which of those that are there the fleet calls is not known yet
    await make(0, 1, 2, 3, 4, 5, 6);
    expect(await hasTurnFunctions(pool, [older])).toBe(true);
    // several servers of a version start at once
    await Promise.all(Array.from({ length: 4 }, () => make(7)));
    expect([await hasTurnFunctions(pool, [older]), await hasTurnFunctions(pool)]).toEqual([false, false]);
    expect(await missing()).toEqual([8, 9]);
    // one of the fleet starts anew, while others are tried and withdrawn
    await noteTurnFunctions(pool, versions[0]);
    await make(8, 9);
    expect(await missing()).toEqual([1, 2]);
    const mine = await runSql(url, "select 1 from pg_proc where proname = 'parley_accept_turns_of_mine'");
    expect(mine).toHaveLength(1);
  } finally {
    await pool.close();
  }
});

it('is followed by starts that note what their turns call', async () => {
  await migratePostgres(url);
  const noted = () => runSql(url, "select value from instance_settings where name = 'turn_functions'");
  const own = await noted();
  expect(own).toEqual([{ value: JSON.stringify([turnFunctions.map(({ name }) => name)]) }]);
  await runSql(url, `update instance_settings set value = '[["another"]]' where name = 'turn_functions'`);
  await (await openPostgresStore({ url, poolSize: 1, migrate: true })).close();
  const [row] = await noted();
  expect(JSON.parse(String(row?.['value']))).toEqual([turnFunctions.map(({ name }) => name), ['another']]);
});
