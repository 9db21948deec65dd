import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from './api-client.ts';
import { noLimits } from './boot.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { databaseOf, storeKind, type TestDatabase } from './test-database.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { type Receiver, startReceiver } from './webhook-receiver.ts';

/** The table of crash points in ARCHITECTURE.md: the process dies exactly there, and everything follows as it says. */

let provider: ScriptedProvider;
let receiver: Receiver;
let parley: ReturnType<typeof commandLine>;
let database: TestDatabase;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  receiver = await startReceiver();
  parley = commandLine();
  mkdirSync(parley.dataDir, { mode: 0o700 });
  database = await databaseOf(parley.dataDir);
  const plan = { ...noLimits, messages_per_month: 100 };
  writeFileSync(join(parley.folder, 'plans.json'), JSON.stringify({ default: 'test', plans: { test: plan } }));
});
afterEach(async () => {
  await parley.cleanUp();
  await database.drop();
  await receiver.close();
  await provider.close();
});

const serve = (environment: Record<string, string> = {}): Promise<RunningServer> =>
  parley.serve({
    PARLEY_PROVIDER_TEST_URL: provider.url,
    PARLEY_PLANS: join(parley.folder, 'plans.json'),
    PARLEY_OUTBOUND_ALLOW: receiver.origin,
    ...database.environment,
    // where another server may be alive, a dead one is known by its lease alone
    ...(storeKind === 'postgres' ? { PARLEY_LEASE_MS: '2000' } : {}),
    ...environment,
  });

type Crashed = { key: string; ask: { body: Record<string, unknown>; headers: Record<string, string> } };

/** Sends one message to a server that dies at the failpoint, and waits until it has. */
const crashAt = async (failpoint: string, way: { stream: boolean; webhook?: boolean }): Promise<Crashed> => {
  const server = await serve({ PARLEY_MODE: 'test', PARLEY_FAILPOINT: `${failpoint}:kill` });
  const key = /prl_live_\w+/.exec(server.output())?.[0] ?? '';
  const client = apiClient(server.url, key);
  const { body: bot } = await client.send('POST', '/v1/bots', { body: { name: 'Bot', model: 'test/any' } });
  if (way.webhook) {
    const body = { url: receiver.origin, events: ['turn.completed'] };
    expect((await client.send('POST', '/v1/webhook_endpoints', { body })).status).toBe(201);
  }
  const ask = {
    body: { bot_id: bot.id, user_id: 'ada', message: 'one', stream: way.stream },
    headers: { 'idempotency-key': 'call-1' },
  };
  const sent = way.stream
    ? client.open('POST', '/v1/chat', ask).then((stream) => stream.done)
    : client.send('POST', '/v1/chat', ask);
  // it breaks off with the server, before or behind its first byte
  const over = Promise.allSettled([sent]);
  const { code } = await server.ended;
  // it did not come to an end of its own
  expect(code).toBeNull();
  await over;
  return { key, ask };
};

const rows = async (table: string): Promise<number> => (await database.query(`select 1 from ${table}`)).length;
const turns = () => database.query('select status, attempt, partial_text from turns');

const restart = async ({ key }: Crashed): Promise<ApiClient> => apiClient((await serve()).url, key);

const expectUsed = async (client: ApiClient, used: number): Promise<void> => {
  const { messages } = (await client.send('GET', '/v1/usage')).body;
  expect(messages).toMatchObject({ used, reserved: 0 });
  expect(await rows('quota_ledger')).toBe(used);
};

/** Sends the message again with its key until the turn has ended. */
const retry = async (client: ApiClient, { ask }: Crashed) =>
  client.send('POST', '/v1/chat', { ...ask, body: { ...ask.body, stream: false } });

describe('a process that dies', () => {
  it('before T1 is committed leaves nothing, and a retry is the first call (C0)', async () => {
    const crashed = await crashAt('before_accept_commit', { stream: false });
    expect([await rows('turns'), await rows('messages'), await rows('idempotency_keys')]).toEqual([0, 0, 0]);
    expect(provider.calls).toHaveLength(0);
    const client = await restart(crashed);
    const { body, headers } = await retry(client, crashed);
    expect(body).toMatchObject({ status: 'completed', reply: { content: 'Good day.' } });
    expect(headers.get('idempotent-replayed')).toBeNull();
    await expectUsed(client, 1);
  });

  it('behind T1 leaves a turn that is run by whoever takes it over (C1)', async () => {
    const crashed = await crashAt('after_accept_commit', { stream: false });
    expect(await turns()).toEqual([{ status: 'running', attempt: 1, partial_text: null }]);
    expect(provider.calls).toHaveLength(0);
    const client = await restart(crashed);
    const { body, headers } = await retry(client, crashed);
    expect(body).toMatchObject({ status: 'completed', reply: { content: 'Good day.' } });
    expect(headers.get('idempotent-replayed')).toBe('true');
    expect(provider.calls).toHaveLength(1);
    expect(await turns()).toMatchObject([{ status: 'completed', attempt: 2 }]);
    await expectUsed(client, 1);
  });

  it('with a piece of the reply that is not stored runs the turn again, and charges it once (C2)', async () => {
    provider.use((call) => call.say('Lost'));
    const crashed = await crashAt('after_first_piece', { stream: true });
    expect(await turns()).toEqual([{ status: 'running', attempt: 1, partial_text: null }]);
    provider.use(saying('Found again.'));
    const client = await restart(crashed);
    const [turn] = await database.query('select id from turns');
    const resumed = await client.open('GET', `/v1/turns/${String(turn?.['id'])}/stream?after=1-2`);
    await resumed.done;
    expect(resumed.events[0]).toMatchObject({ id: '2-0', event: 'reply.reset' });
    expect(resumed.events.at(-1)).toMatchObject({
      event: 'turn.completed',
      data: { reply: { content: 'Found again.' } },
    });
    expect(provider.calls).toHaveLength(2);
    await expectUsed(client, 1);
  });

  it('with some of the reply stored keeps that, and charges nothing (C3)', async () => {
    provider.use((call) => call.say('Half of it'));
    const crashed = await crashAt('after_partial_kept', { stream: true });
    expect(await turns()).toEqual([{ status: 'running', attempt: 1, partial_text: 'Half of it' }]);
    const client = await restart(crashed);
    const { body } = await retry(client, crashed);
    expect(body).toMatchObject({ status: 'interrupted', reply: { content: 'Half of it' } });
    expect(provider.calls).toHaveLength(1);
    await expectUsed(client, 0);
  });

  it('with the whole reply, before T2 is committed, runs the turn again (C4)', async () => {
    const crashed = await crashAt('before_finish_commit', { stream: false });
    expect(await turns()).toEqual([{ status: 'running', attempt: 1, partial_text: null }]);
    expect(await rows("messages where role = 'assistant'")).toBe(0);
    const client = await restart(crashed);
    expect((await retry(client, crashed)).body).toMatchObject({ status: 'completed' });
    expect(provider.calls).toHaveLength(2);
    expect(await rows("messages where role = 'assistant'")).toBe(1);
    await expectUsed(client, 1);
  });

  it('behind T2 leaves the whole turn, which a retry is given (C5)', async () => {
    const crashed = await crashAt('after_finish_commit', { stream: false });
    expect(await turns()).toEqual([{ status: 'completed', attempt: 1, partial_text: null }]);
    const client = await restart(crashed);
    const { body, headers } = await retry(client, crashed);
    expect(body).toMatchObject({ status: 'completed', reply: { content: 'Good day.' } });
    expect(headers.get('idempotent-replayed')).toBe('true');
    expect(provider.calls).toHaveLength(1);
    await expectUsed(client, 1);
  });

  it.each([
    { failpoint: 'before_delivery', arrived: 0 },
    { failpoint: 'after_delivery', arrived: 1 },
  ])('$failpoint tells the webhook afterwards, under the same id (C6)', async ({ failpoint, arrived }) => {
    const crashed = await crashAt(failpoint, { stream: false, webhook: true });
    expect(receiver.received).toHaveLength(arrived);
    const events = await database.query("select type from outbox where type = 'turn.completed'");
    expect(events).toHaveLength(1);
    expect(await database.query('select status from webhook_deliveries')).toEqual([]);
    await letClaimsRunOut();
    const client = await restart(crashed);
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(arrived + 1);
    const { body: turn } = await retry(client, crashed);
    expect(receiver.received.map(({ body }) => body.data.id as string)).toEqual(
      Array.from({ length: arrived + 1 }, () => turn.id as string),
    );
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await expectUsed(client, 1);
  });
});

/** As if the 10 seconds were over in which nobody else sends it. */
const letClaimsRunOut = async (): Promise<void> => {
  const sql = 'update outbox set available_at = 1';
  if (storeKind === 'postgres') {
    await database.query(sql);
    return;
  }
  const file = new DatabaseSync(join(parley.dataDir, 'parley.db'));
  file.exec(sql);
  file.close();
};
