import { afterEach, beforeEach, expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { databaseOf } from './test-database.ts';

/** Two servers on one database: what one of them accepts, the other knows. */

let provider: ScriptedProvider;
let held: ProviderCall[];
let one: Server;
let two: Server;
let bot: string;

beforeEach(async () => {
  held = [];
  provider = await startScriptedProvider((call) => void held.push(call));
  one = await boot({ providerUrl: provider.url, env: { PARLEY_LEASE_MS: '1500' } });
  const { environment } = await databaseOf(one.dataDir);
  two = await boot({ providerUrl: provider.url, env: { ...environment, PARLEY_LEASE_MS: '1500' } });
  bot = await one.makeBot();
});
afterEach(async () => {
  await two.close();
  await one.close();
  await provider.close();
});

/** Speaks to the second server with the key of the first. */
const onTwo = () => apiClient(two.url, one.key);
const ask = (message: string) => ({ body: { bot_id: bot, user_id: 'ada', message } });

it('a message that waits behind a turn of another server is answered to whoever sent it', async () => {
  const first = await one.open('POST', '/v1/chat', { body: { ...ask('one').body, stream: true } });
  await first.until('turn.started');
  await expect.poll(() => held.length).toBe(1);
  const second = onTwo().send('POST', '/v1/chat', ask('two'));
  await expect.poll(() => one.query("select 1 from turns where status = 'queued'")).toHaveLength(1);
  provider.use(saying('To the second'));
  held[0]?.say('To the first');
  held[0]?.end();
  await first.until('turn.completed');
  expect((await second).body).toMatchObject({
    status: 'completed',
    conversation_id: first.events[0]?.data.conversation_id,
    reply: { content: 'To the second' },
  });
});

it('a stream that waits behind a turn of another server tells the same events as everybody else gets', async () => {
  const first = await one.open('POST', '/v1/chat', { body: { ...ask('one').body, stream: true } });
  await first.until('turn.started');
  await expect.poll(() => held.length).toBe(1);
  const second = await onTwo().open('POST', '/v1/chat', { body: { ...ask('two').body, stream: true } });
  const { turn_id: turnId } = (await second.until('turn.queued')).data;
  provider.use(saying('To the second'));
  held[0]?.end();
  await second.done;
  expect(second.events.map(({ event }) => event)).toEqual([
    'turn.queued',
    'turn.started',
    ...Array.from({ length: 3 }, () => 'reply.delta'),
    'turn.completed',
  ]);
  const again = await one.open('GET', `/v1/turns/${turnId}/stream`);
  await again.done;
  expect(again.events).toEqual(second.events);
});

it('a turn that runs on one server is told by the other once it has ended', async () => {
  const first = await one.open('POST', '/v1/chat', { body: { ...ask('one').body, stream: true } });
  const { turn_id: turnId } = (await first.until('turn.started')).data;
  await expect.poll(() => held.length).toBe(1);
  const elsewhere = onTwo().open('GET', `/v1/turns/${turnId}/stream`);
  held[0]?.say('Told twice');
  held[0]?.end();
  await first.done;
  const told = await elsewhere;
  await told.done;
  expect(told.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: { content: 'Told twice' } } });
});

it('a running turn is cancelled by way of the other server', async () => {
  const first = await one.open('POST', '/v1/chat', { body: { ...ask('one').body, stream: true } });
  const { turn_id: turnId } = (await first.until('turn.started')).data;
  await expect.poll(() => held.length).toBe(1);
  await onTwo().send('POST', `/v1/turns/${turnId}/cancel`);
  await first.until('turn.cancelled');
  await expect.poll(() => held[0]?.aborted).toBe(true);
});

it('an Idempotency-Key that was sent to both makes one turn and one bot', async () => {
  provider.use(saying('Once'));
  const headers = { 'idempotency-key': 'both' };
  const turns = await Promise.all(
    [one, onTwo(), one, onTwo()].map((server) => server.send('POST', '/v1/chat', { headers, ...ask('Hi') })),
  );
  expect(turns.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(new Set(turns.map(({ body }) => body.id as string)).size).toBe(1);
  const bots = await Promise.all(
    [one, onTwo(), one, onTwo()].map((server) =>
      server.send('POST', '/v1/bots', { headers, body: { name: 'Once', model: 'builtin' } }),
    ),
  );
  expect(bots.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(bots.map(({ body }) => body.id as string)).size).toBe(1);
});
