import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';
import { newId } from '../../../kit/id.ts';

let api: HttpHarness;

beforeAll(async () => {
  api = await startHttp();
});
afterAll(() => api.close());

/** A bot in as many versions as tones, the first of them when it is made. */
const makeBot = async (tones: readonly string[] = ['plain'], body: Record<string, unknown> = {}): Promise<string> => {
  const [tone, ...later] = tones;
  const { body: bot } = await api.send('POST', '/v1/bots', { body: { name: 'Shop', tone, ...body } });
  for (const next of later) await api.send('PATCH', `/v1/bots/${bot.id}`, { body: { tone: next } });
  return bot.id as string;
};
const read = async (path: string) => (await api.send('GET', `/v1/bots/${path}`)).body;
const restore = (path: string, request: Parameters<HttpHarness['send']>[2] = {}) =>
  api.send('POST', `/v1/bots/${path}/restore`, request);

test('a version is the bot as it was, with who made it and when', async () => {
  const { secret: key, key: made } = await api.makeKey();
  const id = await makeBot(['plain'], { metadata: { of: 'shop' } });
  const before = await read(id);
  await api.send('PATCH', `/v1/bots/${id}`, {
    key,
    body: { tone: 'warm', name: 'Shop 2', quota: { messages_per_month: 5 } },
  });
  const after = await read(id);
  const { object, quota, user_quota: userQuota, updated_at: updatedAt, id: botId, ...configuration } = before;
  expect([object, quota, userQuota, updatedAt, botId]).toEqual(['bot', null, null, before.created_at, id]);
  const first = await read(`${id}/versions/1`);
  expect(first).toEqual({ ...configuration, id: '1', object: 'bot_version', bot_id: id, created_by: first.created_by });
  expect(first.created_by).toMatch(/^key:key_/);
  expect(await read(`${id}/versions/2`)).toMatchObject({
    version: 2,
    tone: 'warm',
    name: 'Shop 2',
    created_by: `key:${made.id}`,
    created_at: after.updated_at,
  });
});

test('versions are listed newest first, page by page', async () => {
  const id = await makeBot(Array.from({ length: 12 }, (_, at) => `tone ${at + 1}`));
  const first = await read(`${id}/versions?limit=5`);
  expect(first).toMatchObject({ object: 'list', has_more: true, first_id: '12', last_id: '8' });
  expect(first.data[0]).toEqual(await read(`${id}/versions/12`));
  const second = await read(`${id}/versions?limit=5&after=${first.last_id}`);
  expect(second).toMatchObject({ has_more: true, first_id: '7', last_id: '3' });
  expect(await read(`${id}/versions?limit=5&after=3`)).toMatchObject({ has_more: false, first_id: '2', last_id: '1' });
  // by their number, not by its letters
  expect(await read(`${id}/versions?limit=5&before=7`)).toMatchObject({
    has_more: false,
    first_id: '12',
    last_id: '8',
  });
});

test.each([
  ['versions?after=bot', 400],
  ['versions?limit=0', 400],
  ['versions?after=3&before=1', 400],
  ['versions/0', 404],
  ['versions/latest', 404],
  ['versions/1.5', 404],
])('%s is answered with %d', async (path, status) => {
  expect((await api.send('GET', `/v1/bots/${await makeBot()}/${path}`)).status).toBe(status);
});

test('restoring a version makes a new one of it, which turns and the list then name', async () => {
  const id = await makeBot(['plain', 'warm']);
  const first = await read(`${id}/versions/1`);
  const { status, body, headers } = await restore(`${id}/versions/1`);
  expect(status).toBe(200);
  expect(headers.get('etag')).toBe('"3"');
  expect(body).toMatchObject({ object: 'bot', id, version: 3, tone: 'plain' });
  expect(await read(id)).toEqual(body);
  const { id: number, version, created_at: at, ...restored } = await read(`${id}/versions/3`);
  expect([number, version, at]).toEqual(['3', 3, body.updated_at]);
  expect({ ...restored, id: '1', version: 1, created_at: first.created_at }).toEqual(first);
  expect((await read(`${id}/versions`)).data.map(({ version: each }: { version: number }) => each)).toEqual([3, 2, 1]);
});

test('what the bot may use is no part of a version, and stays', async () => {
  const id = await makeBot(['plain', 'warm']);
  await api.send('PATCH', `/v1/bots/${id}`, { body: { quota: { messages_per_month: 5 } } });
  expect((await restore(`${id}/versions/1`)).body).toMatchObject({ tone: 'plain', quota: { messages_per_month: 5 } });
  expect(await read(id)).toMatchObject({ version: 3, quota: { messages_per_month: 5 } });
});

test('restoring what the bot is already makes no version', async () => {
  const id = await makeBot(['plain', 'warm']);
  expect((await restore(`${id}/versions/2`)).body.version).toBe(2);
  expect((await read(`${id}/versions`)).data).toHaveLength(2);
});

test('If-Match lets a restoration through for the version that it is meant for alone', async () => {
  const id = await makeBot(['plain', 'warm']);
  const refused = await restore(`${id}/versions/1`, { headers: { 'if-match': '"1"' } });
  expect(refused).toMatchObject({ status: 412, body: { error: { code: 'version_mismatch' } } });
  expect((await restore(`${id}/versions/1`, { headers: { 'if-match': '"2"' } })).body.version).toBe(3);
});

test('a repeated restoration under one key is one', async () => {
  const id = await makeBot(['plain', 'warm']);
  const headers = { 'idempotency-key': newId('key') };
  const first = await restore(`${id}/versions/1`, { headers });
  await api.send('PATCH', `/v1/bots/${id}`, { body: { tone: 'cool' } });
  const again = await restore(`${id}/versions/1`, { headers });
  expect(again.body).toEqual(first.body);
  expect(await read(id)).toMatchObject({ version: 4, tone: 'cool' });
});

test('a version with a model whose provider is gone is not restored, and says so', async () => {
  const id = await makeBot();
  const bot = await api.store.readers.bots.find(api.workspaceId, id);
  const later = (version: number, model: string) => ({
    ...bot!,
    version,
    updatedAt: bot!.updatedAt,
    config: { ...bot!.config, model, tone: `tone ${version}` },
  });
  await api.store.transact(async ({ bots }) => {
    await bots.insertVersion(later(2, 'gone/model'), 'key:someone');
    await bots.insertVersion(later(3, 'builtin'), 'key:someone');
  });
  const { status, body } = await restore(`${id}/versions/2`);
  expect(status).toBe(400);
  expect(body.error).toMatchObject({ code: 'invalid_request', param: 'model' });
  expect(body.detail).toContain('provider that is not configured');
  expect(await api.store.readers.bots.find(api.workspaceId, id)).toMatchObject({ version: 3 });
  // one that the bot has anyway does not keep its words from being brought back
  await api.store.transact(({ bots }) => bots.insertVersion(later(4, 'gone/model'), 'key:someone'));
  expect(await restore(`${id}/versions/2`)).toMatchObject({ status: 200, body: { version: 5, tone: 'tone 2' } });
});

test('a restoration is noted in the audit log', async () => {
  const id = await makeBot(['plain', 'warm']);
  await restore(`${id}/versions/1`);
  const { body } = await api.send('GET', '/v1/audit_log?limit=1');
  expect(body.data[0]).toMatchObject({ action: 'bot.restore', target: id, detail: { version: 3, restored: 1 } });
});

test("another workspace's bot, an unknown one, one outside the key's limit and an unknown version answer alike", async () => {
  const id = await makeBot(['plain', 'warm']);
  const { secret: stranger } = await api.makeKey({ workspaceId: await api.makeWorkspace() });
  const { secret: limited } = await api.makeKey({ botIds: [await makeBot()] });
  for (const [method, path] of [
    ['GET', 'versions'],
    ['GET', 'versions/1'],
    ['POST', 'versions/1/restore'],
  ] as const) {
    const answers = await Promise.all([
      api.send(method, `/v1/bots/${id}/${path}`, { key: stranger }),
      api.send(method, `/v1/bots/${id}/${path}`, { key: limited }),
      api.send(method, `/v1/bots/${newId('bot')}/${path}`),
    ]);
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect({ ...body, instance: '' }).toEqual({ ...answers[2].body, instance: '' });
    }
  }
  expect((await api.send('GET', `/v1/bots/${id}/versions/3`)).status).toBe(404);
  expect((await restore(`${id}/versions/999999999999999`)).status).toBe(404);
  expect((await read(id)).version).toBe(2);
});

test('reading takes the scope of reading bots, and restoring that of changing them', async () => {
  const id = await makeBot(['plain', 'warm']);
  const { secret: reader } = await api.makeKey({ scopes: ['bots:read'] });
  const { secret: chatter } = await api.makeKey({ scopes: ['chat'] });
  expect((await api.send('GET', `/v1/bots/${id}/versions/1`, { key: reader })).status).toBe(200);
  expect((await restore(`${id}/versions/1`, { key: reader })).body.error.code).toBe('insufficient_scope');
  expect((await api.send('GET', `/v1/bots/${id}/versions`, { key: chatter })).body.error.code).toBe(
    'insufficient_scope',
  );
});

test('the versions of a deleted bot are gone with it', async () => {
  const id = await makeBot(['plain', 'warm']);
  await api.send('DELETE', `/v1/bots/${id}`);
  for (const path of ['versions', 'versions/1'])
    expect((await api.send('GET', `/v1/bots/${id}/${path}`)).status).toBe(404);
  expect((await restore(`${id}/versions/1`)).status).toBe(404);
});
