import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';

let api: HttpHarness;
let botId: string;

beforeAll(async () => {
  api = await startHttp();
  botId = (await api.send('POST', '/v1/bots', { body: { name: 'b' } })).body.id;
});
afterAll(() => api.close());

const allowed = ['https://shop.example'];
const make = (fields: Record<string, unknown> = {}, key?: string) =>
  api.send('POST', '/v1/keys', {
    body: { name: 'Page', type: 'publishable', bot_ids: [botId], allowed_origins: allowed, ...fields },
    ...(key === undefined ? {} : { key }),
  });

test('a publishable key is for one bot and its pages, may only chat, and is no secret', async () => {
  const { status, body } = await make();
  expect(status).toBe(201);
  expect(body).toMatchObject({ type: 'publishable', scopes: ['chat'], bot_ids: [botId], allowed_origins: allowed });
  expect(body.secret).toMatch(/^prl_pub_\w{75}$/);
  expect((await api.send('GET', `/v1/keys/${body.id}`)).body.secret).toBe(body.secret);
  expect((await api.send('GET', '/v1/keys')).text).not.toContain(body.secret);
});

test('the secret of any other key is null when it is read', async () => {
  const made = await api.send('POST', '/v1/keys', { body: { name: 'k', scopes: ['chat'] } });
  expect((await api.send('GET', `/v1/keys/${made.body.id}`)).body.secret).toBeNull();
});

test('rotated, it shows its newest secret', async () => {
  const { body } = await make();
  const rotated = await api.send('POST', `/v1/keys/${body.id}/rotate`);
  expect(rotated.body.secret).not.toBe(body.secret);
  const read = await api.send('GET', `/v1/keys/${body.id}`);
  expect(read.body.secret).toBe(rotated.body.secret);
  expect(read.body.secrets).toHaveLength(2);
});

test.each([
  'https://shop.example',
  'https://shop.example:8443',
  'https://192.0.2.7',
  'https://[2001:db8::1]',
  'https://xn--mnchen-3ya.example',
  'http://localhost',
  'http://localhost:3000',
  'http://127.0.0.1:8080',
  'http://[::1]:5173',
])('%s may be allowed', async (origin) => {
  const { status, text } = await make({ allowed_origins: [origin] });
  expect(status, text).toBe(201);
});

test.each([
  '*',
  'null',
  '',
  'shop.example',
  '//shop.example',
  'https://*.shop.example',
  'https://shop.example/',
  'https://shop.example/path',
  'https://shop.example?x',
  'https://shop.example:443',
  'https://SHOP.example',
  'https://user@shop.example',
  'https://münchen.example',
  'https://shop.example; script-src *',
  "https://a'b.example",
  'https://a;b.example',
  'https://a,b.example',
  'https://shop.example https://evil.example',
  'http://shop.example',
  'http://localhost.evil.example',
  'ftp://shop.example',
  'file:///etc',
  'javascript:alert(1)',
])('%j may not be allowed', async (origin) => {
  const { status, body } = await make({ allowed_origins: [...allowed, origin] });
  expect({ status, param: body.error.param }).toEqual({ status: 400, param: 'allowed_origins.1' });
});

test.each([
  ['no bot', { bot_ids: null }, 'bot_ids'],
  ['no origins', { allowed_origins: undefined }, 'allowed_origins'],
  ['an empty list of origins', { allowed_origins: [] }, 'allowed_origins'],
  ['another scope', { scopes: ['chat', 'bots:read'] }, 'scopes'],
  ['every scope', { scopes: ['all'] }, 'scopes'],
])('with %s it is refused', async (_what, fields, param) => {
  const { status, body } = await make(fields);
  expect({ status, param: body.error.param }).toEqual({ status: 400, param });
});

test('it takes one bot, which its maker must know', async () => {
  const other = (await api.send('POST', '/v1/bots', { body: { name: 'c' } })).body.id;
  expect((await make({ bot_ids: [botId, other] })).body.error.param).toBe('bot_ids');
  expect((await make({ bot_ids: ['bot_01k9z3v5e8f6t9w2x4y7z0a1b3'] })).status).toBe(404);
  const limited = await api.send('POST', '/v1/keys', {
    body: { name: 'k', scopes: ['keys:write', 'chat'], bot_ids: [other] },
  });
  expect((await make({}, limited.body.secret)).status).toBe(404);
  // its maker's only bot where none is named
  expect((await make({ bot_ids: undefined }, limited.body.secret)).body.bot_ids).toEqual([other]);
});

test('nobody makes one who may not chat, or is in test mode', async () => {
  const silent = await api.send('POST', '/v1/keys', { body: { name: 'k', scopes: ['keys:write', 'bots:read'] } });
  expect((await make({}, silent.body.secret)).body.error.code).toBe('insufficient_scope');
  const testing = await api.send('POST', '/v1/keys', { body: { name: 'k', scopes: ['all'], type: 'test' } });
  expect((await make({}, testing.body.secret)).body.error).toMatchObject({ code: 'insufficient_scope', param: 'type' });
});

test('any other key has scopes, and no origins', async () => {
  const without = await api.send('POST', '/v1/keys', { body: { name: 'k' } });
  expect({ status: without.status, param: without.body.error.param }).toEqual({ status: 400, param: 'scopes' });
  const withOrigins = await api.send('POST', '/v1/keys', {
    body: { name: 'k', scopes: ['chat'], allowed_origins: allowed },
  });
  expect(withOrigins.body.error).toMatchObject({ code: 'invalid_request', param: 'allowed_origins' });
});
