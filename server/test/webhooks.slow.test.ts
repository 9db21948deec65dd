import { webhookPayloadSchema } from '@parley/protocol/webhook-schemas';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { type Received, type Receiver, startReceiver } from './webhook-receiver.ts';

let provider: ScriptedProvider;
let receiver: Receiver;
let server: Server;
let bot: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Yes, of course.'));
  receiver = await startReceiver();
  server = await boot({ providerUrl: provider.url, env: { PARLEY_OUTBOUND_ALLOW: receiver.origin } });
  bot = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
  await provider.close();
});

/** Every test has a path of its own, and so sees its own deliveries. */
let path = '';
let tests = 0;
beforeEach(() => {
  tests += 1;
  path = `/hooks/${tests}`;
  receiver.use(() => ({ status: 204 }));
  provider.use(saying('Yes, of course.'));
});

const allEvents = [
  'turn.completed',
  'turn.failed',
  'conversation.created',
  'conversation.handoff',
  'message.created',
  'usage.threshold',
  'source.ready',
  'source.failed',
];

const addEndpoint = async (fields: Record<string, unknown> = {}) => {
  const { status, body, text } = await server.send('POST', '/v1/webhook_endpoints', {
    body: { url: receiver.origin + path, events: allEvents, ...fields },
  });
  if (status !== 201) throw new Error(text);
  return body as { id: string; secret: string };
};

const removeEndpoint = (id: string) => server.send('DELETE', `/v1/webhook_endpoints/${id}`);

const deliveriesOf = async (id: string, query = '') =>
  (await server.send('GET', `/v1/webhook_endpoints/${id}/deliveries${query}`)).body.data;

/** What has come to this test's path once there are as many as expected. */
const arrivals = async (count: number): Promise<Received[]> => {
  await expect.poll(() => receiver.at(path).length).toBeGreaterThanOrEqual(count);
  return receiver.at(path);
};

const verify = (secret: string, { text, headers }: Received): unknown =>
  new Webhook(secret).verify(text, headers as Record<string, string>);

const chat = (message: string, fields: Record<string, unknown> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, message, ...fields } });

describe('an endpoint', () => {
  it('is made with a secret that is shown this once, and is read, changed, listed and removed', async () => {
    const made = await server.send('POST', '/v1/webhook_endpoints', {
      body: { url: receiver.origin + path, events: ['turn.completed', 'turn.completed'], description: 'CRM' },
    });
    expect(made.status).toBe(201);
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { secret, ...rest } = made.body;
    expect(rest).toMatchObject({
      object: 'webhook_endpoint',
      events: ['turn.completed'],
      description: 'CRM',
      status: 'enabled',
      disabled_reason: null,
    });
    expect(rest.secrets).toEqual([{ last_four: secret.slice(-4), created_at: expect.any(String), expires_at: null }]);
    const { id } = made.body;
    expect((await server.send('GET', `/v1/webhook_endpoints/${id}`)).body).toEqual(rest);
    const changed = await server.send('PATCH', `/v1/webhook_endpoints/${id}`, {
      body: { status: 'disabled', events: ['turn.failed'] },
    });
    expect(changed.body).toMatchObject({ status: 'disabled', events: ['turn.failed'], description: 'CRM' });
    const list = await server.send('GET', '/v1/webhook_endpoints');
    expect(list.body.data.map((each: { id: string }) => each.id)).toContain(id);
    expect(list.text).not.toContain(secret);
    const page = await server.send('GET', `/v1/webhook_endpoints?limit=1&after=${id}`);
    expect(page.status).toBe(200);
    expect(page.body.data.length).toBeLessThan(2);
    expect(page.text).not.toContain(id);
    expect((await removeEndpoint(id)).body).toEqual({ id, object: 'webhook_endpoint', deleted: true });
    expect((await server.send('GET', `/v1/webhook_endpoints/${id}`)).status).toBe(404);
    const acts = await server.query(`select action from audit_log where target = '${id}' order by id`);
    expect(acts.map(({ action }) => action)).toEqual([
      'webhook_endpoint.create',
      'webhook_endpoint.update',
      'webhook_endpoint.delete',
    ]);
    expect(await server.query(`select id from encrypted_secrets where subject_id = '${id}'`)).toEqual([]);
  });

  it.each([
    ['http://example.com/hook', 'https'],
    ['https://127.0.0.1/hook', 'public internet'],
    ['https://localhost/hook', 'public name'],
    ['https://user:word@example.com/', 'no user'],
    ['https://example.com:22/', 'port'],
    ['ftp://example.com/', 'https'],
  ])('at %s is refused with the reason', async (url, reason) => {
    const refused = await server.send('POST', '/v1/webhook_endpoints', { body: { url, events: ['turn.completed'] } });
    expect(refused.status).toBe(400);
    expect(refused.body.error).toMatchObject({ code: 'invalid_request', param: 'url' });
    expect(refused.body.detail).toContain(reason);
  });

  it('needs the scope admin, and knows only events there are', async () => {
    const { body: key } = await server.send('POST', '/v1/keys', { body: { name: 'chat', scopes: ['chat'] } });
    expect((await server.send('GET', '/v1/webhook_endpoints', { key: key.secret })).status).toBe(403);
    const body = { url: 'https://example.com/', events: ['turn.started'] };
    expect((await server.send('POST', '/v1/webhook_endpoints', { body })).status).toBe(400);
  });

  it('is not the twenty-first', async () => {
    const ids: string[] = [];
    const { body: list } = await server.send('GET', '/v1/webhook_endpoints');
    for (let count = list.data.length; count < 20; count += 1) {
      ids.push((await addEndpoint({ status: 'disabled' })).id);
    }
    const refused = await server.send('POST', '/v1/webhook_endpoints', {
      body: { url: 'https://example.com/', events: allEvents },
    });
    expect(refused.body.error.code).toBe('plan_limit_reached');
    for (const id of ids) await removeEndpoint(id);
  });
});

describe('events', () => {
  it('reach their endpoint signed, with the objects that the API gives', async () => {
    const { id, secret } = await addEndpoint();
    const { body: turn } = await chat('Do you ship?', { user_id: 'buyer' });
    const calls = await arrivals(2);
    for (const call of calls) {
      expect(verify(secret, call)).toEqual(call.body);
      webhookPayloadSchema.parse(call.body);
      expect(call.headers['content-type']).toBe('application/json');
    }
    const completed = calls.find((call) => call.body.type === 'turn.completed');
    expect(completed?.body).toMatchObject({ test: false, workspace_id: expect.stringMatching(/^ws_/) });
    const read = await server.send('GET', `/v1/turns/${turn.id}`);
    expect(read.body).toEqual({ ...completed?.body.data, feedback: null });
    const created = calls.find((call) => call.body.type === 'conversation.created');
    expect(created?.body.data.id).toBe(turn.conversation_id);
    await expect.poll(() => deliveriesOf(id, '?status=delivered')).toHaveLength(2);
    const [delivery] = await deliveriesOf(id, '?event_type=turn.completed');
    expect(delivery).toMatchObject({
      event_id: completed?.headers['webhook-id'],
      subject_id: turn.id,
      status: 'delivered',
      attempts: 1,
      next_attempt_at: null,
      last_attempt: { response_status: 204, error: null },
    });
    await expect.poll(() => server.query('select id from outbox')).toEqual([]);
    await removeEndpoint(id);
  });

  it('of failed turns, of sources and of test mode are told as what they are', async () => {
    const { id } = await addEndpoint({ events: ['turn.failed', 'turn.completed', 'source.ready', 'source.failed'] });
    provider.use((call) => call.fail(400));
    const broken = await server.makeBot({ on_model_failure: 'error' });
    expect((await chat('Hello?', { bot_id: broken })).status).toBeGreaterThanOrEqual(500);
    const [failed] = await arrivals(1);
    expect(failed?.body).toMatchObject({ type: 'turn.failed', data: { status: 'failed', error: expect.anything() } });
    await server.send('POST', `/v1/bots/${bot}/sources`, {
      body: { type: 'text', title: 'Delivery', text: 'We ship to Batumi within two days.' },
    });
    await server.send('POST', `/v1/bots/${bot}/sources`, { body: { type: 'text', title: 'Empty', text: '# Heading' } });
    const sources = (await arrivals(3)).slice(1);
    const told = new Map(sources.map(({ body }) => [body.data.title, body.type]));
    expect(Object.fromEntries(told)).toEqual({ Delivery: 'source.ready', Empty: 'source.failed' });
    const { body: key } = await server.send('POST', '/v1/keys', {
      body: { name: 'test', type: 'test', scopes: ['chat'] },
    });
    provider.use(saying('Tried.'));
    await server.send('POST', '/v1/chat', { key: key.secret, body: { bot_id: bot, message: 'Try' } });
    const calls = await arrivals(4);
    expect(calls.at(-1)?.body).toMatchObject({ type: 'turn.completed', test: true });
    for (const call of calls) webhookPayloadSchema.parse(call.body);
    await removeEndpoint(id);
  });

  it('tell of turns that were cancelled, of one that waited as of one that ran', async () => {
    const { id } = await addEndpoint({ events: ['turn.completed', 'turn.failed'] });
    const { promise: asked, resolve: begin } = Promise.withResolvers<void>();
    provider.use(() => begin());
    const send = () =>
      server.send('POST', '/v1/chat', {
        body: { bot_id: bot, user_id: 'canceller', message: 'Hello', on_busy: 'queue' },
        headers: { prefer: 'respond-async' },
      });
    const { body: running } = await send();
    await asked;
    const { body: waiting } = await send();
    expect(waiting.status).toBe('queued');
    for (const turn of [waiting, running]) {
      expect((await server.send('POST', `/v1/turns/${turn.id}/cancel`)).body.status).toBe('cancelled');
    }
    const calls = await arrivals(2);
    for (const call of calls) webhookPayloadSchema.parse(call.body);
    const told = new Map(calls.map(({ body }) => [body.data.id, [body.type, body.data.status]]));
    for (const turn of [waiting, running]) expect(told.get(turn.id)).toEqual(['turn.completed', 'cancelled']);
    await removeEndpoint(id);
  });

  it('tell once that the warning of a quota was reached, and once that its limit was', async () => {
    const { id } = await addEndpoint({ events: ['usage.threshold'] });
    const small = await server.makeBot({ quota: { messages_per_month: 3, warn_at: 2 } });
    for (let count = 0; count < 3; count += 1) await chat(`Message ${count}`, { bot_id: small });
    const calls = await arrivals(2);
    expect((await chat('One too many', { bot_id: small })).status).toBe(429);
    for (const call of calls) webhookPayloadSchema.parse(call.body);
    // the figures are those of when they are sent, and the first may be sent late
    expect(calls.map(({ body }) => body.data.reached as string).toSorted()).toEqual(['limit', 'warn_at']);
    expect(calls.at(-1)?.body.data).toMatchObject({
      object: 'usage_threshold',
      owner: { type: 'bot', id: small },
      limit: 3,
      warn_at: 2,
    });
    expect(calls.some(({ body }) => body.data.reached === 'limit' && body.data.used === 3)).toBe(true);
    await expect.poll(() => deliveriesOf(id, '?status=delivered')).toHaveLength(2);
    await removeEndpoint(id);
  });

  it('reach each endpoint that wants them, and none that is disabled or wants others', async () => {
    const wanting = await addEndpoint({ events: ['turn.completed'] });
    const other = await addEndpoint({ events: ['turn.failed'] });
    const disabled = await addEndpoint({ events: ['turn.completed'], status: 'disabled' });
    await chat('Hello');
    await expect.poll(() => deliveriesOf(wanting.id)).toHaveLength(1);
    expect(await deliveriesOf(other.id)).toEqual([]);
    expect(await deliveriesOf(disabled.id)).toEqual([]);
    for (const { id } of [wanting, other, disabled]) await removeEndpoint(id);
  });

  it('of what was deleted before they were sent are dropped, which is noted', async () => {
    const { id } = await addEndpoint({ events: ['turn.completed'] });
    receiver.use(() => ({ status: 500 }));
    const { body: turn } = await chat('Forget me');
    await expect
      .poll(async () => (await deliveriesOf(id))[0])
      .toMatchObject({ attempts: 1, last_attempt: { response_status: 500 } });
    await server.send('DELETE', `/v1/conversations/${turn.conversation_id}`);
    const [delivery] = await deliveriesOf(id);
    receiver.use(() => ({ status: 204 }));
    await server.send('POST', `/v1/webhook_endpoints/${id}/deliveries/${delivery.id}/replay`);
    await expect
      .poll(async () => (await deliveriesOf(id))[0])
      .toMatchObject({ status: 'dropped', last_attempt: { error: 'subject_deleted' } });
    expect(receiver.at(path)).toHaveLength(1);
    await removeEndpoint(id);
  });

  it('are held up by no other endpoint that does not answer', async () => {
    const slow = await addEndpoint({ events: ['turn.completed'], url: `${receiver.origin}${path}/slow` });
    const quick = await addEndpoint({ events: ['turn.completed'] });
    receiver.use((call) => (call.path.endsWith('/slow') ? null : { status: 204 }));
    for (let count = 0; count < 20; count += 1) await chat(`Message ${count}`);
    expect(await arrivals(20)).toHaveLength(20);
    // so many at once to one endpoint, whatever waits
    await expect.poll(() => receiver.at(`${path}/slow`).length).toBe(16);
    for (const { id } of [slow, quick]) await removeEndpoint(id);
  });
});

describe('an answer', () => {
  it.each([
    [500, 'pending'],
    [404, 'pending'],
    [301, 'pending'],
    [302, 'pending'],
    [200, 'delivered'],
    [202, 'delivered'],
  ])('with %i leaves the delivery %s', async (status, outcome) => {
    const { id } = await addEndpoint({ events: ['turn.completed'] });
    receiver.use((call) =>
      call.path === path ? { status, headers: { location: `${receiver.origin}${path}/elsewhere` } } : { status: 200 },
    );
    await chat('Hello');
    await expect
      .poll(async () => (await deliveriesOf(id))[0])
      .toMatchObject({
        status: outcome,
        attempts: 1,
        last_attempt: { response_status: status, error: outcome === 'delivered' ? null : 'http_status' },
      });
    expect(receiver.at(`${path}/elsewhere`)).toEqual([]);
    await removeEndpoint(id);
  });

  it('with 410 disables the endpoint, and what it missed can be replayed once it is enabled', async () => {
    const { id, secret } = await addEndpoint({ events: ['turn.completed'] });
    receiver.use(() => ({ status: 410 }));
    const since = new Date(Date.now() - 60_000).toISOString();
    await chat('Are you there?');
    const read = async () => (await server.send('GET', `/v1/webhook_endpoints/${id}`)).body;
    await expect.poll(read).toMatchObject({ status: 'disabled', disabled_reason: 'gone' });
    expect(await deliveriesOf(id)).toMatchObject([{ status: 'failed', last_attempt: { response_status: 410 } }]);
    await chat('Nobody hears this');
    expect(await deliveriesOf(id)).toHaveLength(1);
    receiver.use(() => ({ status: 204 }));
    const enabled = await server.send('PATCH', `/v1/webhook_endpoints/${id}`, { body: { status: 'enabled' } });
    expect(enabled.body).toMatchObject({ status: 'enabled', disabled_reason: null });
    const replay = await server.send('POST', `/v1/webhook_endpoints/${id}/replay`, { body: { since } });
    expect(replay).toMatchObject({ status: 202, body: { object: 'webhook_replay', replayed: 1, has_more: false } });
    const [first, second] = await arrivals(2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(verify(secret, second!)).toEqual(first?.body);
    await removeEndpoint(id);
  });
});

describe('a secret', () => {
  it('that is rotated signs beside the new one until the overlap ends, and a third ends it', async () => {
    const { id, secret: old } = await addEndpoint({ events: ['turn.completed'] });
    const rotate = async (body: Record<string, unknown> = {}) =>
      (await server.send('POST', `/v1/webhook_endpoints/${id}/rotate_secret`, { body })).body;
    const next = await rotate({ overlap_seconds: 600 });
    expect(next.secrets).toHaveLength(2);
    await chat('Hello');
    const [both] = await arrivals(1);
    expect(String(both?.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect(verify(old, both!)).toEqual(both?.body);
    expect(verify(next.secret, both!)).toEqual(both?.body);
    const last = await rotate({ overlap_seconds: 0 });
    expect(last.secrets).toHaveLength(1);
    await chat('Hello again');
    const [, one] = await arrivals(2);
    expect(verify(last.secret, one!)).toEqual(one?.body);
    expect(() => verify(old, one!)).toThrow('No matching signature');
    expect(() => verify(next.secret, one!)).toThrow('No matching signature');
    await removeEndpoint(id);
  });

  it('is nowhere in the database or the log as it is', async () => {
    const { id, secret } = await addEndpoint();
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const rows = await server.query('select * from encrypted_secrets');
    expect(rows.length).toBeGreaterThan(0);
    const stored = JSON.stringify(rows.map((row) => Buffer.from(row['ciphertext'] as Uint8Array).toString('latin1')));
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(key.toString('latin1'));
    expect(JSON.stringify(server.logged)).not.toContain(secret.slice(6, 30));
    await removeEndpoint(id);
  });
});

describe('a test event', () => {
  it('is sent once, also to a disabled endpoint that listens to something else', async () => {
    const { id, secret } = await addEndpoint({ status: 'disabled', events: ['usage.threshold'] });
    receiver.use(() => ({ status: 500 }));
    const sent = await server.send('POST', `/v1/webhook_endpoints/${id}/test`);
    expect(sent).toMatchObject({ status: 202, body: { event_type: 'webhook.test', status: 'pending' } });
    const [call] = await arrivals(1);
    expect(verify(secret, call!)).toMatchObject({
      type: 'webhook.test',
      test: true,
      data: { object: 'webhook_test', webhook_endpoint_id: id },
    });
    webhookPayloadSchema.parse(call?.body);
    await expect.poll(() => deliveriesOf(id)).toMatchObject([{ id: sent.body.id, status: 'failed', attempts: 1 }]);
    await removeEndpoint(id);
  });
});

describe('another workspace', () => {
  it('cannot see, change, test or replay an endpoint: it is unknown to it', async () => {
    const { id } = await addEndpoint();
    const { body: client } = await server.send('POST', '/v1/workspaces', { body: { name: 'Client' } });
    const headers = { 'parley-workspace': client.id as string };
    const unknown = 'hook_01h455vb4pex5vsknk084sn02q';
    for (const [method, suffix, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { description: 'mine' }],
      ['DELETE', '', undefined],
      ['POST', '/rotate_secret', {}],
      ['POST', '/test', undefined],
      ['GET', '/deliveries', undefined],
      ['POST', '/replay', { since: new Date().toISOString() }],
    ] as const) {
      const foreign = await server.send(method, `/v1/webhook_endpoints/${id}${suffix}`, { headers, body });
      const missing = await server.send(method, `/v1/webhook_endpoints/${unknown}${suffix}`, { headers, body });
      expect([foreign.status, foreign.body.detail], method + suffix).toEqual([404, missing.body.detail]);
    }
    await removeEndpoint(id);
  });
});
