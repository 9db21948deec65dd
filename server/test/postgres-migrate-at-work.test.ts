import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Migration } from '../src/store/migrations/migration.ts';
import { migratePostgres } from '../src/store/postgres/migrate.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { laterSteps } from './postgres/later-steps.ts';
import { runSql } from './postgres/run-sql.ts';

/** A migration gives way to whoever is at work on its tables, and takes its steps once they let go. */

let url: string;
let sessions: Client[];
beforeEach(async () => {
  url = await createDatabase();
  sessions = [];
});
afterEach(async () => {
  for (const session of sessions) await session.end();
  await dropDatabase(url);
});

const openSession = async (): Promise<Client> => {
  const session = new Client({ connectionString: url });
  session.on('error', () => {});
  await session.connect();
  sessions.push(session);
  return session;
};

/** In the order of their statements: first `bots`, then `turns`. */
const later = (between: string[] = []): readonly Migration[] =>
  laterSteps([
    'alter table bots add column of_a_later_version text',
    ...between,
    'alter table turns add column of_a_later_version text',
  ]);

const hasStep = async (): Promise<boolean> => {
  const columns = await runSql(
    url,
    "select 1 from information_schema.columns where column_name = 'of_a_later_version'",
  );
  return columns.length === 2;
};

const isWaiting = async (): Promise<boolean> => {
  const waiting = await runSql(
    url,
    "select 1 from pg_stat_activity where application_name = 'parley migration' and wait_event_type = 'Lock'",
  );
  return waiting.length > 0;
};

it('holds up nobody while another transaction keeps a table for long, and is done once that ends', async () => {
  const report = await openSession();
  await report.query('begin; lock table turns in access share mode');
  const taken = migratePostgres(url, { steps: later() });
  await expect.poll(isWaiting, { interval: 5 }).toBe(true);
  // these stand behind the migration, which waits for the report: they end although the report does not
  const behind = await openSession();
  for (const table of ['turns', 'bots']) await behind.query(`select count(*) from ${table}`);
  expect(await hasStep()).toBe(false);
  await report.query('commit');
  expect(await taken).toEqual(['9999-of-a-later-version']);
  expect(await hasStep()).toBe(true);
});

it('gives way to a request with which it would wait in a circle', async () => {
  const request = await openSession();
  await request.query('begin; lock table turns in row exclusive mode');
  const taken = migratePostgres(url, { steps: later() });
  await expect.poll(isWaiting, { interval: 5 }).toBe(true);
  await request.query('lock table bots in row exclusive mode');
  await request.query('commit');
  expect(await taken).toEqual(['9999-of-a-later-version']);
});

it('takes its steps again where PostgreSQL undid them for a deadlock', async () => {
  await runSql(url, `alter database ${new URL(url).pathname.slice(1)} set deadlock_timeout = '50ms'`);
  const request = await openSession();
  await request.query("set deadlock_timeout = '60s'; begin; lock table turns in row exclusive mode");
  // holds `bots` until the request waits for it, so that it is the migration whose wait closes the circle
  const untilWaitedFor = `do $$ begin
    for look in 1..3000 loop
      perform 1 from pg_locks where relation = 'turns'::regclass and mode = 'RowExclusiveLock' and granted;
      exit when not found;
      perform 1 from pg_locks where relation = 'bots'::regclass and not granted;
      exit when found;
      perform pg_sleep(0.01);
    end loop;
  end $$`;
  const taken = migratePostgres(url, { steps: later([untilWaitedFor]) });
  const holds = "select 1 from pg_locks where relation = 'bots'::regclass and mode = 'AccessExclusiveLock' and granted";
  await expect.poll(async () => (await runSql(url, holds)).length, { interval: 5 }).toBe(1);
  await request.query('lock table bots in row exclusive mode');
  await request.query('commit');
  expect(await taken).toEqual(['9999-of-a-later-version']);
  const deadlocks = 'select deadlocks from pg_stat_database where datname = current_database()';
  await expect.poll(async () => (await runSql(url, deadlocks))[0]?.['deadlocks']).toBe(1);
});

it('changes nothing and says what to do where a table is never let go', async () => {
  const dump = await openSession();
  await dump.query('begin; lock table turns in access share mode');
  await expect(migratePostgres(url, { steps: later(), tries: 2 })).rejects.toMatchObject({
    code: 'storage_unavailable',
    detail: expect.stringMatching(/others hold its tables \(canceling statement due to lock timeout\).*start again/),
  });
  expect(await hasStep()).toBe(false);
  await dump.query('commit');
  expect(await migratePostgres(url, { steps: later(), tries: 1 })).toEqual(['9999-of-a-later-version']);
});
