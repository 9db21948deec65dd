import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { securityHeaders } from '../src/http/security-headers.ts';
import { boot, noLimits, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What the connection and the media type bring with them, and what speaks to browsers: nothing that a client reads. */
const ofTransport = new Set([
  ...Object.keys(securityHeaders),
  'access-control-allow-origin',
  'access-control-expose-headers',
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
  'x-accel-buffering',
]);

const origin = 'https://shop.example';

let provider: ScriptedProvider;
let server: Server;
let document: OpenAPIV3_1.Document;
let botId: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('We ship to Batumi.'));
  server = await boot({
    providerUrl: provider.url,
    plan: { ...noLimits, messages_per_month: 5, requests_per_minute: 1_000 },
  });
  document = (await server.send('GET', '/openapi.json', { key: null })).body;
  botId = await server.makeBot();
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

/** Fails on a header that the description of the operation does not name; returns those that were sent, and are named. */
const declaredOf = (operation: string, { status, headers }: { status: number; headers: Headers }): string[] => {
  const [method = '', path = ''] = operation.split(' ');
  const described = document.paths?.[path]?.[method.toLowerCase() as 'get']?.responses?.[status];
  expect(described, `${operation} ${status}`).toBeDefined();
  const declared = Object.keys((described as OpenAPIV3_1.ResponseObject).headers ?? {});
  const sent = [...headers.keys()].filter((name) => !ofTransport.has(name));
  expect(declared, `${operation} ${status}`).toEqual(expect.arrayContaining(sent));
  return sent;
};

const ask = (more: object = {}, headers: Record<string, string> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: botId, message: 'Hello', ...more }, headers });

const chat = 'POST /v1/chat';

it('chat declares what it sends: the turn, a replay, the limits, and when to come back', async () => {
  const first = await ask({}, { 'idempotency-key': 'one' });
  expect(declaredOf(chat, first)).toEqual(
    expect.arrayContaining(['parley-turn-id', 'ratelimit', 'ratelimit-policy', 'x-request-id']),
  );
  expect(declaredOf(chat, await ask({}, { 'idempotency-key': 'one' }))).toContain('idempotent-replayed');
  const later = await ask({}, { prefer: 'respond-async' });
  expect([later.status, declaredOf(chat, later)]).toEqual([202, expect.arrayContaining(['parley-turn-id'])]);
  const stream = await server.open('POST', '/v1/chat', { body: { bot_id: botId, message: 'Hello', stream: true } });
  await stream.done;
  expect(declaredOf(chat, stream.response)).toContain('parley-turn-id');

  provider.use((call) => call.fail(400));
  const broken = await ask({}, { 'idempotency-key': 'broken' });
  expect([broken.status, declaredOf(chat, broken)]).toEqual([502, expect.arrayContaining(['parley-turn-id'])]);
  expect(declaredOf(chat, await ask({}, { 'idempotency-key': 'broken' }))).toContain('idempotent-replayed');

  expect(declaredOf(chat, await ask({ stop: true }))).toContain('ratelimit');
  const unknown = await server.send('POST', '/v1/chat', { key: 'prl_live_wrong', body: {} });
  expect(declaredOf(chat, unknown)).toContain('www-authenticate');
});

it('chat declares what it sends to a visitor: their token', async () => {
  const key = { name: 'Page', type: 'publishable', scopes: ['chat'], bot_ids: [botId], allowed_origins: [origin] };
  const { body: page } = await server.send('POST', '/v1/keys', { body: key });
  provider.use(saying('Hello.'));
  const sent = await server.send('POST', '/v1/chat', {
    key: page.secret,
    body: { message: 'Hello' },
    headers: { origin },
  });
  expect([sent.status, declaredOf(chat, sent)]).toEqual([200, expect.arrayContaining(['parley-visitor-token'])]);
});

it('chat declares what it sends where there is no room', async () => {
  provider.use(() => {});
  const running = await ask({ user_id: 'busy' }, { prefer: 'respond-async' });
  const refused = await ask({ user_id: 'busy', on_busy: 'reject' });
  expect([refused.status, declaredOf(chat, refused)]).toEqual([409, expect.arrayContaining(['retry-after'])]);
  const cancel = `/v1/turns/${running.body.id}/cancel`;
  for (const replayed of [false, true]) {
    const headers = { 'idempotency-key': 'cancel' };
    const cancelled = await server.send('POST', cancel, { headers });
    expect(declaredOf('POST /v1/turns/{turn_id}/cancel', cancelled).includes('idempotent-replayed')).toBe(replayed);
  }
  provider.use(saying('Hello.'));
  await expect
    .poll(async () => {
      const { status, headers } = await ask();
      return status === 200 ? null : [status, declaredOf(chat, { status, headers })];
    })
    .toEqual([429, expect.arrayContaining(['x-should-retry'])]);
});

it('turns and bots declare what they send', async () => {
  const { body: bot, ...made } = await server.send('POST', '/v1/bots', { body: { name: 'Other' } });
  expect(declaredOf('POST /v1/bots', made)).toContain('etag');
  expect(declaredOf('GET /v1/bots/{bot_id}', await server.send('GET', `/v1/bots/${bot.id}`))).toContain('etag');
  const renamed = await server.send('PATCH', `/v1/bots/${bot.id}`, { body: { name: 'Another' } });
  expect(declaredOf('PATCH /v1/bots/{bot_id}', renamed)).toContain('etag');
  const gone = await server.send('GET', '/v1/turns/turn_00000000000000000000000000');
  expect([gone.status, declaredOf('GET /v1/turns/{turn_id}', gone)]).toEqual([
    404,
    expect.arrayContaining(['ratelimit']),
  ]);
  const exported = await server.send('GET', '/v1/users/busy/export');
  expect([exported.status, declaredOf('GET /v1/users/{user_id}/export', exported)]).toEqual([
    200,
    expect.arrayContaining(['content-disposition']),
  ]);
});
