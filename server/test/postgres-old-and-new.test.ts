import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot } from './boot.ts';
import { startReplicas } from './replicas.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { databaseOf } from './test-database.ts';
import { migratePostgres } from '../src/store/postgres/migrate.ts';
import { laterSteps } from './postgres/later-steps.ts';

/** A server goes on while the next version's server has migrated the database that they share: migrations only add. */

let provider: ScriptedProvider;
let group: Awaited<ReturnType<typeof startReplicas>>;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('An answer'));
  group = await startReplicas(1, { providerUrl: provider.url });
});
afterEach(async () => {
  await group.close();
  await provider.close();
});

/** What a later version may do: a column in every table, a table, an index. */
const migrateFurther = async (url: string): Promise<void> => {
  const tables = await group.first.tables();
  expect(tables.length).toBeGreaterThan(20);
  const steps = laterSteps([
    ...tables.map((table) => `alter table ${table} add column of_a_later_version text default 'x'`),
    'create table of_a_later_version (id text primary key)',
    'create index of_a_later_version_turns on turns (of_a_later_version)',
  ]);
  expect(await migratePostgres(url, { steps })).toEqual(['9999-of-a-later-version']);
};

it('statements that it has prepared and those to come work on', async () => {
  const server = group.first;
  const bot = await server.makeBot();
  const chat = (message: string) => server.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: 'ada', message } });
  const open = (message: string) =>
    server.open('POST', '/v1/chat', { body: { bot_id: bot, user_id: 'ada', message, stream: true } });
  // more than once, since plans are kept from the first time on
  for (const message of ['one', 'two', 'three']) expect((await chat(message)).status).toBe(200);
  const { environment } = await databaseOf(server.dataDir);
  const url = environment['DATABASE_URL']!;
  await migrateFurther(url);
  for (const message of ['four', 'five']) expect((await chat(message)).body.reply.content).toBe('An answer');
  const stream = await open('six');
  await stream.until('turn.completed');
  const conversation = stream.events[0]?.data.conversation_id as string;
  const source = { type: 'text', title: 'Hours', text: 'The shop opens at nine.' };
  const { body: made } = await server.send('POST', `/v1/bots/${bot}/sources`, { body: source });
  const statusOf = async () => (await server.send('GET', `/v1/bots/${bot}/sources/${made.id}`)).body.status;
  await expect.poll(statusOf, { timeout: 15_000 }).toBe('ready');
  const reads = ['/v1/usage', '/v1/bots', `/v1/conversations/${conversation}/messages`, '/readyz'];
  for (const path of reads) expect((await server.send('GET', path)).status, path).toBe(200);
  expect((await server.send('DELETE', `/v1/conversations/${conversation}`)).status).toBe(200);
  expect((await server.send('GET', '/v1/usage')).body.messages).toMatchObject({ used: 6, reserved: 0 });
});

it('requests go on while the tables are changed under them', async () => {
  const server = group.first;
  const bot = await server.makeBot();
  const { environment } = await databaseOf(server.dataDir);
  const migrated = new AbortController();
  const statuses: number[] = [];
  const callers = Array.from({ length: 6 }, async (_, caller) => {
    const body = { bot_id: bot, user_id: `user_${caller}`, message: 'Hello' };
    while (!migrated.signal.aborted || statuses.length < 30)
      statuses.push((await server.send('POST', '/v1/chat', { body })).status);
  });
  await expect.poll(() => statuses.length).toBeGreaterThan(12);
  try {
    await migrateFurther(environment['DATABASE_URL']!);
  } finally {
    migrated.abort();
    await Promise.all(callers);
  }
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await server.send('GET', '/v1/usage')).body.messages).toMatchObject({ used: statuses.length, reserved: 0 });
});

it('a server of the earlier version that is started then refuses', async () => {
  const { environment } = await databaseOf(group.first.dataDir);
  await migrateFurther(environment['DATABASE_URL']!);
  await expect(boot({ env: environment })).rejects.toThrow(/9999-of-a-later-version/);
});
