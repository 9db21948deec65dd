import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiClient } from './api-client.ts';
import { noLimits } from './boot.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { databaseOf, storeKind, type TestDatabase } from './test-database.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** A killed server never leaves a conversation blocked, a message lost, or a reservation behind. */

let provider: ScriptedProvider;
let parley: ReturnType<typeof commandLine>;
let held: ProviderCall[];
let database: TestDatabase;

beforeEach(async () => {
  held = [];
  provider = await startScriptedProvider((call) => void held.push(call));
  parley = commandLine();
  database = await databaseOf(parley.folder);
  const plan = { ...noLimits, messages_per_month: 100 };
  writeFileSync(join(parley.folder, 'plans.json'), JSON.stringify({ default: 'test', plans: { test: plan } }));
});
afterEach(async () => {
  await parley.cleanUp();
  await database.drop();
  await provider.close();
});

const serve = (environment: Record<string, string> = {}): Promise<RunningServer> =>
  parley.serve({
    PARLEY_PROVIDER_TEST_URL: provider.url,
    PARLEY_PLANS: join(parley.folder, 'plans.json'),
    ...database.environment,
    // where another server may be alive, a dead one is known by its lease alone
    ...(storeKind === 'postgres' ? { PARLEY_LEASE_MS: '2000' } : {}),
    ...environment,
  });

const firstStart = async (environment: Record<string, string> = {}) => {
  const server = await serve(environment);
  const key = /prl_live_\w+/.exec(server.output())?.[0] ?? '';
  const client = apiClient(server.url, key);
  const { body: bot } = await client.send('POST', '/v1/bots', { body: { name: 'Bot', model: 'test/any' } });
  const open = (user: string, message: string) =>
    client.open('POST', '/v1/chat', { body: { bot_id: bot.id, user_id: user, message, stream: true } });
  return { server, key, botId: bot.id as string, client, open };
};

const usageOf = async (client: ReturnType<typeof apiClient>) => (await client.send('GET', '/v1/usage')).body.messages;

describe('after kill -9', () => {
  it('a turn of which nothing was stored runs again, and a reader of the first attempt starts anew', async () => {
    const { server, key, open } = await firstStart();
    const stream = await open('rerun', 'one');
    await expect.poll(() => held.length).toBe(1);
    held[0]?.say('Lost');
    await stream.until('reply.delta');
    const seen = stream.events.at(-1)!;
    await server.end('SIGKILL');
    await stream.done;
    provider.use(saying('Found again.'));
    const next = await serve();
    const client = apiClient(next.url, key);
    const turnId = stream.events[0]?.data.turn_id as string;
    const resumed = await client.open('GET', `/v1/turns/${turnId}/stream?after=${seen.id}`);
    await resumed.done;
    expect(resumed.events.map((event) => event.event)).toEqual([
      'reply.reset',
      'turn.started',
      'reply.delta',
      'reply.delta',
      'turn.completed',
    ]);
    expect(resumed.events[0]?.id).toBe('2-0');
    expect(resumed.events.at(-1)?.data).toMatchObject({ status: 'completed', reply: { content: 'Found again.' } });
    expect(await usageOf(client)).toMatchObject({ used: 1, reserved: 0 });
  });

  it('a turn of which some text was stored keeps it, ends interrupted and costs nothing', async () => {
    const { server, key, client, open } = await firstStart();
    const stream = await open('partial', 'one');
    await expect.poll(() => held.length).toBe(1);
    held[0]?.say('Half of the answer');
    const { turn_id: turnId } = (await stream.until('turn.started')).data;
    // stored text has its receipt with it, which is how a client can see that it was stored
    await expect.poll(async () => (await client.send('GET', `/v1/turns/${turnId}/context`)).status).toBe(200);
    await server.end('SIGKILL');
    await stream.done;
    const calls = provider.calls.length;
    const next = apiClient((await serve()).url, key);
    const read = async () => (await next.send('GET', `/v1/turns/${turnId}`)).body;
    await expect.poll(async () => (await read()).status).toBe('interrupted');
    expect(await read()).toMatchObject({
      status: 'interrupted',
      finish_reason: 'error',
      reply: { content: 'Half of the answer' },
      usage: { messages: 0 },
    });
    expect(provider.calls.length).toBe(calls);
    const resumed = await next.open('GET', `/v1/turns/${turnId}/stream?after=${stream.events.at(-1)?.id}`);
    await resumed.done;
    expect(resumed.events.map((event) => event.event)).toEqual([
      'reply.reset',
      'turn.started',
      'reply.delta',
      'turn.interrupted',
    ]);
    expect(await usageOf(next)).toMatchObject({ used: 0, reserved: 0 });
  });

  it('turns that waited run in their order, and the conversation goes on', async () => {
    const { server, key, botId, open } = await firstStart();
    const first = await open('line', 'one');
    await first.until('turn.started');
    const second = await open('line', 'two');
    await second.until('turn.queued');
    const third = await open('line', 'three');
    await third.until('turn.queued');
    await server.end('SIGKILL');
    await Promise.all([first.done, second.done, third.done]);
    provider.use((call) => saying(`to ${call.messages.at(-1)?.content}`)(call, 0));
    const client = apiClient((await serve()).url, key);
    for (const stream of [first, second, third]) {
      const resumed = await client.open('GET', `/v1/turns/${stream.events[0]?.data.turn_id}/stream`);
      await resumed.done;
      expect(resumed.events.at(-1)?.event).toBe('turn.completed');
    }
    const late = await client.open('GET', `/v1/turns/${third.events[0]?.data.turn_id}/stream?after=1-1`);
    await late.done;
    expect(late.events[0]).toMatchObject({ id: '1-2', event: 'turn.started' });
    const { body } = await client.send('POST', '/v1/chat', {
      body: { bot_id: botId, user_id: 'line', message: 'four' },
    });
    expect(body).toMatchObject({ status: 'completed', conversation_id: first.events[0]?.data.conversation_id });
    const { body: list } = await client.send('GET', `/v1/conversations/${body.conversation_id}/messages`);
    expect(list.data.toReversed().map((message: { content: string }) => message.content)).toEqual(
      ['one', 'two', 'three', 'four'].flatMap((message) => [message, `to ${message}`]),
    );
    expect(await usageOf(client)).toMatchObject({ used: 4, reserved: 0 });
  });

  it('a reader of a waiting turn finds it there, and is told when it runs', async () => {
    const { server, key, open } = await firstStart();
    const first = await open('found', 'one');
    await first.until('turn.started');
    const second = await open('found', 'two');
    const { turn_id: turnId } = (await second.until('turn.queued')).data;
    await server.end('SIGKILL');
    await Promise.all([first.done, second.done]);
    held = [];
    const client = apiClient((await serve()).url, key);
    await expect.poll(() => held.length).toBe(1);
    const waiting = await client.open('GET', `/v1/turns/${turnId}/stream`);
    await waiting.until('turn.queued');
    held[0]?.say('First');
    held[0]?.end();
    await waiting.until('turn.started');
    await expect.poll(() => held.length).toBe(2);
    held[1]?.say('Second');
    held[1]?.end();
    await waiting.done;
    expect(waiting.events.map(({ event }) => event)).toEqual([
      'turn.queued',
      'turn.started',
      'reply.delta',
      'turn.completed',
    ]);
  });

  it('a retry with the same Idempotency-Key gets the turn that was begun before', async () => {
    const { server, key, botId, client } = await firstStart();
    const request = {
      body: { bot_id: botId, user_id: 'retry', message: 'one' },
      headers: { 'idempotency-key': 'call-1' },
    };
    const lost = client.send('POST', '/v1/chat', request).catch(() => null);
    await expect.poll(() => held.length).toBe(1);
    await server.end('SIGKILL');
    expect(await lost).toBeNull();
    provider.use(saying('Here it is.'));
    const next = apiClient((await serve()).url, key);
    const retry = await next.send('POST', '/v1/chat', request);
    expect(retry.body).toMatchObject({ status: 'completed', reply: { content: 'Here it is.' } });
    expect(retry.headers.get('idempotent-replayed')).toBe('true');
    expect(await usageOf(next)).toMatchObject({ used: 1, reserved: 0 });
  });
});

describe('a server that is told to stop', () => {
  it('hands over what does not end in time: streams end open, calls get 503, and the same key gives the result', async () => {
    const drain = { PARLEY_DRAIN_MS: '100' };
    const { server, key, botId, client, open } = await firstStart(drain);
    const stream = await open('long', 'one');
    await stream.until('turn.started');
    const request = {
      body: { bot_id: botId, user_id: 'waits', message: 'two' },
      headers: { 'idempotency-key': 'call-2' },
    };
    const waiting = client.send('POST', '/v1/chat', request);
    await expect.poll(() => held.length, { timeout: 5_000 }).toBe(2);
    const queued = await open('waits', 'three');
    await queued.until('turn.queued');
    const ended = server.end('SIGTERM');
    const refused = await waiting;
    expect(refused.status, refused.text).toBe(503);
    expect(refused.body.error.code).toBe('overloaded');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('parley-turn-id')).toMatch(/^turn_/);
    await Promise.all([stream.done, queued.done]);
    expect(stream.events.map(({ event }) => event)).toEqual(['turn.started']);
    expect(queued.events.map(({ event }) => event)).toEqual(['turn.queued']);
    expect((await ended).code).toBe(0);
    // more often than a turn may crash: a roll-out is no crash
    for (let round = 0; round < 2; round += 1) {
      const calls = held.length;
      const next = await serve(drain);
      await expect.poll(() => held.length, { timeout: 20_000 }).toBe(calls + 2);
      expect((await next.end('SIGTERM')).code).toBe(0);
    }
    provider.use(saying('Here it is.'));
    const last = apiClient((await serve()).url, key);
    const retry = await last.send('POST', '/v1/chat', request);
    expect(retry.body, retry.text).toMatchObject({ status: 'completed', reply: { content: 'Here it is.' } });
    expect(retry.headers.get('idempotent-replayed')).toBe('true');
    const turnId = stream.events[0]?.data.turn_id as string;
    const resumed = await last.open('GET', `/v1/turns/${turnId}/stream?after=1-1`);
    await resumed.done;
    expect(resumed.events[0]).toMatchObject({ id: '4-0', event: 'reply.reset' });
    expect(resumed.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { status: 'completed' } });
    await expect.poll(async () => await usageOf(last), { timeout: 10_000 }).toMatchObject({ used: 3, reserved: 0 });
  });

  it('lets a running turn finish, and leaves waiting ones to the next start', async () => {
    // a lease so short that a sweep falls into the drain
    const { server, key, open } = await firstStart({ PARLEY_LEASE_MS: '1000' });
    const first = await open('stop', 'one');
    await first.until('turn.started');
    const second = await open('stop', 'two');
    await second.until('turn.queued');
    const ended = server.end('SIGTERM');
    await expect.poll(() => server.output()).toContain('stopping');
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    held[0]?.say('Finished');
    held[0]?.end();
    await first.done;
    expect(held).toHaveLength(1);
    expect(first.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: { content: 'Finished' } } });
    expect((await ended).code).toBe(0);
    provider.use(saying('Later.'));
    const client = apiClient((await serve()).url, key);
    const resumed = await client.open('GET', `/v1/turns/${second.events[0]?.data.turn_id}/stream`);
    await resumed.done;
    expect(resumed.events.at(-1)).toMatchObject({ event: 'turn.completed', data: { reply: { content: 'Later.' } } });
  });
});
