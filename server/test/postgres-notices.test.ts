import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReplicaChannel } from '../src/core/replica/replica-channel.ts';
import { PostgresPool } from '../src/store/postgres/connection.ts';
import { openNoticeChannel } from '../src/store/postgres/notice-channel.ts';
import { noLimits } from './boot.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { type Replica, startReplicas } from './replicas.ts';
import { type ProviderCall, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { databaseOf } from './test-database.ts';
import { makePublishableKey, makeUserTokenSecret } from './web-page.ts';

/** Notices of PostgreSQL between servers: how they travel, and what servers tell each other of. */

describe('the channel', () => {
  let url: string;
  let pool: PostgresPool;
  let opened: number;
  let heard: string[];
  let channels: ReplicaChannel[];

  beforeEach(async () => {
    url = await createDatabase();
    pool = new PostgresPool({ url, size: 2 });
    opened = 0;
    heard = [];
    channels = [];
    for (let count = 0; count < 2; count++) {
      const listener = {
        received: (message: string) => void heard.push(message),
        opened: () => void (opened += 1),
        failed: () => {},
      };
      channels.push(await openNoticeChannel({ pool, url, listener }));
    }
  });
  afterEach(async () => {
    for (const channel of channels) await channel.close();
    await pool.close();
    await dropDatabase(url);
  });

  it('brings a message to everybody who listens', async () => {
    expect(channels.map(({ ready }) => ready)).toEqual([true, true]);
    expect(await channels[0]!.send('{"said":"once"}', null)).toBe(true);
    await expect.poll(() => heard).toEqual(['{"said":"once"}', '{"said":"once"}']);
  });

  it('does not take what PostgreSQL would not', async () => {
    expect(await channels[0]!.send('ä'.repeat(4_000), null)).toBe(false);
    expect(await channels[0]!.send('ä'.repeat(3_900), null)).toBe(true);
  });

  it('is opened anew by itself, and says so, since something may have been missed', async () => {
    expect(opened).toBe(2);
    await runSql(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parley notices'",
    );
    await expect.poll(() => opened, { timeout: 15_000 }).toBe(4);
    await channels[1]!.send('{"said":"again"}', null);
    await expect.poll(() => heard).toHaveLength(2);
  });
});

describe('servers tell each other', () => {
  let group: Awaited<ReturnType<typeof startReplicas>>;
  let one: Replica;
  let two: Replica;
  let listener: Client;
  let told: Record<string, unknown>[];
  let provider: ScriptedProvider;
  let held: ProviderCall[];

  beforeAll(async () => {
    held = [];
    provider = await startScriptedProvider((call) => void held.push(call));
    group = await startReplicas(2, {
      providerUrl: provider.url,
      plans: { other: { ...noLimits, messages_per_month: 1 } },
    });
    [one, two] = group.replicas as [Replica, Replica];
    const { environment } = await databaseOf(group.first.dataDir);
    listener = new Client({ connectionString: environment['DATABASE_URL'] });
    listener.on('notification', ({ payload = '' }) => {
      if (payload.startsWith('{')) told.push(JSON.parse(payload) as Record<string, unknown>);
    });
    await listener.connect();
    await listener.query('listen parley_replicas');
  }, 60_000);
  afterAll(async () => {
    await listener.end();
    await group.close();
    await provider.close();
  }, 60_000);
  beforeEach(() => {
    told = [];
  });

  const expectTold = async (message: Record<string, unknown>): Promise<void> => {
    await expect.poll(() => told, { timeout: 15_000 }).toContainEqual(expect.objectContaining(message));
  };

  it('of a key that is revoked, which the other then refuses', async () => {
    const { body: key } = await one.send('POST', '/v1/keys', { body: { name: 'Short', scopes: ['bots:read'] } });
    const read = () => two.send('GET', '/v1/bots', { key: key.secret });
    expect((await read()).status).toBe(200);
    expect((await one.send('DELETE', `/v1/keys/${key.id}`)).status).toBe(200);
    await expectTold({ type: 'changed', name: 'key', args: [key.id] });
    await expect.poll(async () => (await read()).body.error?.code, { timeout: 15_000 }).toBe('revoked_api_key');
  });

  it('of a bot that is changed, which then answers so on the other', async () => {
    const bot = await group.first.makeBot({ model: 'builtin', fallback: 'Before' });
    const ask = () => two.send('POST', '/v1/chat', { body: { bot_id: bot, user_id: 'ada', message: 'Qwertz?' } });
    expect((await ask()).body.reply.content).toBe('Before');
    expect((await one.send('PATCH', `/v1/bots/${bot}`, { body: { fallback: 'After' } })).status).toBe(200);
    await expectTold({ type: 'changed', name: 'bot', args: [bot] });
    await expect.poll(async () => (await ask()).body.reply.content, { timeout: 15_000 }).toBe('After');
  });

  it('of knowledge that is added', async () => {
    const bot = await group.first.makeBot({ model: 'builtin' });
    const source = { type: 'text', title: 'Hours', text: 'The shop opens at nine.' };
    expect((await one.send('POST', `/v1/bots/${bot}/sources`, { body: source })).status).toBe(201);
    await expectTold({ type: 'changed', name: 'knowledge', args: [bot] });
  });

  it('of a workspace whose plan is changed, and of one that is deleted', async () => {
    const { body: client } = await one.send('POST', '/v1/workspaces', { body: { name: 'Client', plan: 'test' } });
    const path = `/v1/workspaces/${client.id}`;
    expect((await one.send('PATCH', path, { body: { plan: 'other' } })).status).toBe(200);
    await expectTold({ type: 'changed', name: 'workspace', args: [client.id] });
    told = [];
    expect((await one.send('DELETE', `${path}?confirm=Client`)).status).toBeLessThan(300);
    await expectTold({ type: 'changed', name: 'workspace', args: [client.id] });
  });

  it('of user token secrets', async () => {
    const bot = await group.first.makeBot({ model: 'builtin' });
    await makePublishableKey(one, bot);
    const secret = await makeUserTokenSecret(one, bot);
    expect((await one.send('DELETE', `/v1/bots/${bot}/user_token_secrets/${secret.id}`)).status).toBe(200);
    await expectTold({ type: 'changed', name: 'user-tokens' });
  });

  it('of a turn that is to end, of one that is passed on, and of those that are deleted', async () => {
    const bot = await group.first.makeBot();
    const ask = (replica: Replica, message: string) =>
      replica.open('POST', '/v1/chat', { body: { bot_id: bot, user_id: 'line', message, stream: true } });
    const first = await ask(one, 'one');
    const { turn_id: turnId, conversation_id: conversationId } = (await first.until('turn.started')).data;
    const second = await ask(two, 'two');
    const { turn_id: nextId } = (await second.until('turn.queued')).data;
    await expect.poll(() => held.length, { timeout: 15_000 }).toBe(1);
    await two.send('POST', `/v1/turns/${turnId}/cancel`);
    await expectTold({ type: 'stop', turnId, request: 'cancel' });
    await expectTold({ type: 'started', turnId: nextId });
    await expectTold({ type: 'watch', turnId: nextId });
    await second.until('turn.started');
    await two.send('DELETE', `/v1/conversations/${conversationId}`);
    await expectTold({ type: 'deleted', turnIds: [nextId] });
    await Promise.all([first.done, second.done]);
    expect(second.events.at(-1)?.event).toBe('turn.cancelled');
  });

  it('of nothing that was said or is secret', async () => {
    const bot = await group.first.makeBot({ model: 'builtin' });
    const body = { bot_id: bot, user_id: 'ada', message: 'canary-question' };
    const stream = await one.open('POST', '/v1/chat', { body: { ...body, stream: true } });
    await stream.until('turn.completed');
    await two.open('GET', `/v1/turns/${stream.events[0]?.data.turn_id}/stream`).then(({ done }) => done);
    expect(JSON.stringify(told)).not.toContain('canary');
  });
});
