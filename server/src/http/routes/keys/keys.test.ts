import { scopeNames } from '@parley/protocol/key-schemas';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';
import { scopes as coreScopes } from '../../../core/access/scope.ts';
import { newId } from '../../../kit/id.ts';

let api: HttpHarness;

beforeAll(async () => {
  api = await startHttp();
});
afterAll(() => api.close());

const scopes = ['bots:read', 'keys:write'];
const make = (body: Record<string, unknown> = {}, key?: string) =>
  api.send('POST', '/v1/keys', { body: { name: 'k', scopes, ...body }, ...(key === undefined ? {} : { key }) });
const works = async (key: string): Promise<string> => {
  const { status, body } = await api.send('GET', '/v1/bots', { key });
  return status === 200 ? 'works' : body.error.code;
};

test('a new key shows its secret once, and works', async () => {
  const { status, body } = await make();
  expect(status).toBe(201);
  expect(body).toMatchObject({ object: 'key', type: 'live', scopes, bot_ids: null, expires_at: null });
  expect(body.secret).toMatch(/^prl_live_[0-9a-z]{26}[0-9A-Za-z]{49}$/);
  expect(await works(body.secret)).toBe('works');
  const read = await api.send('GET', `/v1/keys/${body.id}`);
  expect(read.body.secrets).toMatchObject([{ last_four: body.secret.slice(-4), expires_at: null }]);
  expect(read.text).not.toContain(body.secret);
  expect((await api.send('GET', '/v1/keys')).text).not.toContain(body.secret);
});

test('nothing of a secret is stored but its keyed hash', async () => {
  const { body } = await make();
  const key = await api.store.readers.keys.find(api.workspaceId, body.id);
  expect(JSON.stringify(key)).not.toContain(body.secret.slice(35));
  expect(key?.secrets[0]?.hash).toMatch(/^[0-9a-f]{8}\.[\w-]{43}$/);
});

test('a key can grant no more than its creator holds', async () => {
  const bot = (await api.send('POST', '/v1/bots', { body: { name: 'b' } })).body.id;
  const other = (await api.send('POST', '/v1/bots', { body: { name: 'c' } })).body.id;
  const { secret: limited } = (await make({ bot_ids: [bot] })).body;
  expect((await make({ scopes: ['bots:write'] }, limited)).body.error).toMatchObject({
    code: 'insufficient_scope',
    param: 'scopes',
  });
  expect((await make({ scopes: ['all'] }, limited)).status).toBe(403);
  expect((await make({ bot_ids: [other] }, limited)).status).toBe(404);
  expect((await make({}, limited)).body.bot_ids).toEqual([bot]);
  const { secret: testKey } = (await make({ type: 'test' })).body;
  expect((await make({ type: 'live' }, testKey)).body.error).toMatchObject({
    code: 'insufficient_scope',
    param: 'type',
  });
  expect((await make({ type: 'test' }, testKey)).status).toBe(201);
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const { secret: shortLived } = (await make({ expires_at })).body;
  expect((await make({ expires_at: new Date(Date.now() + 7_200_000).toISOString() }, shortLived)).status).toBe(403);
  expect((await make({}, shortLived)).body.expires_at).toBe(expires_at);
});

test('a limited key sees and manages only keys within its limit', async () => {
  const bot = (await api.send('POST', '/v1/bots', { body: { name: 'b' } })).body.id;
  const wide = (await make()).body;
  const { secret: limited, id } = (await make({ bot_ids: [bot] })).body;
  for (let count = 0; count < 3; count++) await make();
  const { body } = await api.send('GET', '/v1/keys?limit=1', { key: limited });
  expect(body).toMatchObject({ has_more: false, first_id: id });
  expect((await api.send('DELETE', `/v1/keys/${wide.id}`, { key: limited })).status).toBe(404);
  expect((await api.send('POST', `/v1/keys/${wide.id}/rotate`, { key: limited })).status).toBe(404);
  const { secret: testKey } = (await make({ type: 'test' })).body;
  expect((await api.send('POST', `/v1/keys/${wide.id}/rotate`, { key: testKey })).status).toBe(404);
});

test('whoever rotates a key must hold what it grants', async () => {
  const strong = (await make({ scopes: ['all'] })).body;
  const { secret: weak } = (await make()).body;
  const { status, body } = await api.send('POST', `/v1/keys/${strong.id}/rotate`, { key: weak });
  expect(status).toBe(403);
  expect(body.error.code).toBe('insufficient_scope');
});

test('after a rotation both secrets work until the overlap ends', async () => {
  const { id, secret: old } = (await make()).body;
  await works(old);
  const rotated = await api.send('POST', `/v1/keys/${id}/rotate`, { body: { overlap_seconds: 60 } });
  expect(rotated).toMatchObject({ status: 200, body: { id, object: 'key' } });
  expect(rotated.body.secrets).toHaveLength(2);
  expect(await works(old)).toBe('works');
  expect(await works(rotated.body.secret)).toBe('works');
  api.time.offsetMs += 61_000;
  expect(await works(old)).toBe('expired_api_key');
  expect(await works(rotated.body.secret)).toBe('works');
});

test('finish-rotation ends the old secret at once, and a rotation without overlap does too', async () => {
  const { id, secret: first } = (await make()).body;
  const second = (await api.send('POST', `/v1/keys/${id}/rotate`)).body.secret;
  expect(await works(first)).toBe('works');
  const finished = await api.send('POST', `/v1/keys/${id}/finish-rotation`);
  expect(finished.body.secrets).toHaveLength(1);
  expect(finished.body).not.toHaveProperty('secret');
  expect(await works(first)).toBe('expired_api_key');
  const third = (await api.send('POST', `/v1/keys/${id}/rotate`, { body: { overlap_seconds: 0 } })).body.secret;
  expect(await works(second)).not.toBe('works');
  expect(await works(third)).toBe('works');
  expect((await api.send('POST', `/v1/keys/${id}/finish-rotation`)).status).toBe(200);
});

test('a key carries at most five working secrets', async () => {
  const { id } = (await make()).body;
  const statuses: number[] = [];
  for (let count = 0; count < 5; count++) statuses.push((await api.send('POST', `/v1/keys/${id}/rotate`)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 400]);
});

test('a repeated rotation with one Idempotency-Key gives the same secret and makes only one', async () => {
  const { id } = (await make()).body;
  const headers = { 'idempotency-key': 'rotate-1' };
  const [one, other] = await Promise.all([
    api.send('POST', `/v1/keys/${id}/rotate`, { headers }),
    api.send('POST', `/v1/keys/${id}/rotate`, { headers }),
  ]);
  expect(one.body.secret).toBe(other.body.secret);
  expect((await api.send('GET', `/v1/keys/${id}`)).body.secrets).toHaveLength(2);
});

test('a revoked key is refused with the very next request, and is gone from the list', async () => {
  const { id, secret } = (await make()).body;
  expect(await works(secret)).toBe('works');
  expect((await api.send('DELETE', `/v1/keys/${id}`)).body).toEqual({ id, object: 'key', deleted: true });
  expect(await works(secret)).toBe('revoked_api_key');
  expect((await api.send('GET', `/v1/keys/${id}`)).status).toBe(404);
  expect((await api.send('GET', '/v1/keys?limit=100')).text).not.toContain(id);
});

test('a key may revoke itself', async () => {
  const { id, secret } = (await make()).body;
  expect((await api.send('DELETE', `/v1/keys/${id}`, { key: secret })).status).toBe(200);
  expect(await works(secret)).toBe('revoked_api_key');
});

test('an expired key is refused as expired, and cannot be made in the past', async () => {
  const { secret } = (await make({ expires_at: new Date(Date.now() + api.time.offsetMs + 60_000).toISOString() })).body;
  expect(await works(secret)).toBe('works');
  api.time.offsetMs += 61_000;
  expect(await works(secret)).toBe('expired_api_key');
  expect((await make({ expires_at: '2020-01-01T00:00:00Z' })).body.error.param).toBe('expires_at');
  expect((await make({ expires_at: 'tomorrow' })).body.error.param).toBe('expires_at');
});

test('the last use of a secret is written', async () => {
  const { id, secret } = (await make()).body;
  await works(secret);
  await api.lastUses.flush();
  const { body } = await api.send('GET', `/v1/keys/${id}`);
  expect(body.secrets[0].last_used_at).not.toBeNull();
});

test.each([
  ['allowed origins', { allowed_origins: ['https://example.com'] }, 'allowed_origins'],
  ['a name of blanks', { name: ' ' }, 'name'],
  ['no scope', { scopes: [] }, 'scopes'],
  ['an unknown scope', { scopes: ['everything'] }, 'scopes.0'],
  ['a bot that is no id', { bot_ids: ['shop'] }, 'bot_ids.0'],
])('%s are refused', async (_what, body, param) => {
  const answer = await make(body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ code: 'invalid_request', param });
});

test('every act on a key is audited, and no secret is found in the database or in the log', async () => {
  const { id, secret } = (await make({}, undefined)).body;
  const headers = { 'idempotency-key': 'audited' };
  const rotated = (await api.send('POST', `/v1/keys/${id}/rotate`, { headers })).body.secret;
  await api.send('POST', `/v1/keys/${id}/finish-rotation`);
  await api.send('DELETE', `/v1/keys/${id}`);
  const acts = (await api.query(`select action from audit_log where target = '${id}' order by id`)).map(
    ({ action }) => action,
  );
  expect(acts).toEqual(['key.create', 'key.rotate', 'key.finish_rotation', 'key.revoke']);
  const tables = ['audit_log', 'api_keys', 'key_secrets', 'idempotency_keys'];
  const rows = await Promise.all(tables.map((table) => api.query(`select * from ${table}`)));
  const dump = rows.flat().map((row) => readable(row));
  expect(dump.join()).toContain(id);
  for (const text of [secret, rotated]) {
    expect(dump.join()).not.toContain(text.slice(35));
    expect(JSON.stringify(api.logged)).not.toContain(text.slice(35));
  }
});

const readable = (row: Record<string, unknown>): string =>
  Object.values(row)
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
    .join(' ');

test('the wire knows the scopes that core knows', () => {
  expect(scopeNames).toEqual(coreScopes);
});

test('a workspace has at most 1,000 keys that were not revoked, and whoever is limited to some bots reads on to theirs', async () => {
  const crowded = await startHttp();
  try {
    const bot = (await crowded.send('POST', '/v1/bots', { body: { name: 'b' } })).body.id as string;
    const made = (body: object) => crowded.send('POST', '/v1/keys', { body: { name: 'k', scopes, ...body } });
    const { body: own } = await made({ bot_ids: [bot] });
    // the key of the tests is one, too
    await crowded.store.transact(async ({ keys }) => {
      const full = { ...(await keys.find(crowded.workspaceId, own.id))!, botIds: null, secrets: [] };
      for (let more = 0; more < 998; more++) await keys.insert({ ...full, id: newId('key'), expiresAt: 1 });
    });
    const refused = await made({});
    expect(refused.body.error.code).toBe('plan_limit_reached');
    expect(refused.body.detail).toContain('at most 1000 keys');
    const lists = vi.spyOn(crowded.store.readers.keys, 'list');
    const page = await crowded.send('GET', '/v1/keys?limit=1', { key: own.secret });
    expect(page.body).toMatchObject({ data: [{ id: own.id }], has_more: false });
    expect(lists.mock.calls.length).toBeLessThan(10);
    expect((await crowded.send('GET', '/v1/keys?limit=3')).body).toMatchObject({ has_more: true });
    expect(lists.mock.lastCall?.[1].limit).toBe(3);
    const { data } = (await crowded.send('GET', '/v1/keys?limit=1')).body;
    expect((await crowded.send('DELETE', `/v1/keys/${data[0].id}`)).status).toBe(200);
    expect((await made({})).status).toBe(201);
    expect((await made({})).status).toBe(403);
  } finally {
    await crowded.close();
  }
});
