import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type KeyedProvider, startKeyedProvider } from './keyed-provider.ts';

const goodKey = 'sk-canary-good-1234';
const newKey = 'sk-canary-new-5678';
const badKey = 'sk-canary-bad-9999';

let provider: KeyedProvider;
let server: Server;
beforeAll(async () => {
  provider = await startKeyedProvider([goodKey, newKey], 'Ours.');
  server = await boot({
    env: { PARLEY_OUTBOUND_ALLOW: provider.origin, PARLEY_PROVIDER_TAKEN_URL: 'http://127.0.0.1:1/v1' },
  });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

let names = 0;
const create = (fields: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
  names += 1;
  const base = { name: `ours-${names}`, type: 'openai-compatible', base_url: provider.url, api_key: goodKey };
  return server.send('POST', '/v1/providers', { headers, body: { ...base, ...fields } });
};
const ask = async (bot: string) => {
  const { body } = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message: 'Hello' } });
  return { model: body.model as string | undefined, text: body.reply?.content as string | undefined };
};
const testOf = (id: string, headers: Record<string, string> = {}) =>
  server.send('POST', `/v1/providers/${id}/test`, { headers });

describe("a workspace's provider", () => {
  it('is tested when it is saved, and answers the bots that name it', async () => {
    const before = provider.seen.length;
    const { status, body, text } = await create({ name: 'mine' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ object: 'provider', name: 'mine', base_url: provider.url, last_four: '1234' });
    expect(text).not.toContain('canary');
    expect(provider.seen.slice(before)).toEqual([{ path: '/v1/models', key: goodKey }]);
    const bot = await server.makeBot({ model: 'mine/small' });
    expect(await ask(bot)).toEqual({ model: 'mine/small', text: 'Ours.' });
    expect((await server.send('GET', `/v1/providers/${body.id}`)).body).toEqual(body);
    expect((await server.send('GET', '/v1/providers')).text).not.toContain('canary');
  });

  it('is refused with clean words where it refuses the key, and nothing is saved', async () => {
    const { status, body, text } = await create({ name: 'refused', api_key: badKey });
    expect(status).toBe(422);
    expect(body.error.code).toBe('provider_check_failed');
    expect(body.detail).toContain('it refuses the key (401)');
    expect(text).not.toContain('canary');
    expect((await server.send('GET', '/v1/providers?limit=100')).text).not.toContain('"refused"');
    expect((await create({ name: 'refused', api_key: badKey, skip_test: true })).status).toBe(201);
  });

  it('can be tested at any time', async () => {
    const good = await create();
    const bad = await create({ api_key: badKey, skip_test: true });
    expect((await testOf(good.body.id)).body).toEqual({
      object: 'provider_test',
      provider_id: good.body.id,
      ok: true,
      detail: null,
    });
    const failed = await testOf(bad.body.id);
    expect(failed.body).toMatchObject({ ok: false, detail: expect.stringContaining('refuses the key') });
    expect(failed.text).not.toContain('canary');
    const first = await testOf(good.body.id, { 'idempotency-key': 'test-once' });
    const asked = provider.seen.length;
    expect((await testOf(good.body.id, { 'idempotency-key': 'test-once' })).body).toEqual(first.body);
    expect(provider.seen).toHaveLength(asked);
  });

  it('is used with its new key as soon as that is saved', async () => {
    const { body } = await create({ name: 'rotating' });
    const bot = await server.makeBot({ model: 'rotating/small' });
    await ask(bot);
    const changed = await server.send('PATCH', `/v1/providers/${body.id}`, { body: { api_key: newKey } });
    expect(changed.body.last_four).toBe('5678');
    expect((await ask(bot)).text).toBe('Ours.');
    expect(provider.seen.at(-1)).toEqual({ path: '/v1/chat/completions', key: newKey });
    const refused = await server.send('PATCH', `/v1/providers/${body.id}`, { body: { api_key: badKey } });
    expect(refused.status).toBe(422);
    expect((await ask(bot)).text).toBe('Ours.');
  });

  it('sends its key to no other address than the one it was given for', async () => {
    const { body } = await create();
    const away = { body: { base_url: `${provider.origin}/elsewhere`, skip_test: true } };
    const refused = await server.send('PATCH', `/v1/providers/${body.id}`, away);
    expect(refused.body.error).toMatchObject({ code: 'invalid_request', param: 'api_key' });
  });

  it('is gone for bots once it is deleted, with its key', async () => {
    const { body } = await create({ name: 'leaving' });
    const bot = await server.makeBot({ model: 'leaving/small', fallback_models: ['builtin'] });
    expect((await ask(bot)).model).toBe('leaving/small');
    const secrets = await server.query('select id from encrypted_secrets');
    expect((await server.send('DELETE', `/v1/providers/${body.id}`)).body.deleted).toBe(true);
    expect((await ask(bot)).model).toBe('builtin');
    expect(await server.query('select id from encrypted_secrets')).toHaveLength(secrets.length - 1);
    expect((await server.send('GET', `/v1/providers/${body.id}`)).status).toBe(404);
    const named = await server.send('POST', '/v1/bots', { body: { name: 'late', model: 'leaving/small' } });
    expect(named.body.error).toMatchObject({ code: 'invalid_request', param: 'model' });
  });

  it('shadows none of the operator, and shares its name with no other', async () => {
    for (const name of ['taken', 'builtin']) {
      expect((await create({ name })).body.error, name).toMatchObject({ code: 'already_exists', param: 'name' });
    }
    await create({ name: 'twice' });
    expect((await create({ name: 'twice' })).status).toBe(409);
  });

  it('is made once for one Idempotency-Key, and not asked again', async () => {
    const first = await create({ name: 'once' }, { 'idempotency-key': 'once' });
    const asked = provider.seen.length;
    const again = await create({ name: 'once' }, { 'idempotency-key': 'once' });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(provider.seen).toHaveLength(asked);
    expect((await create({ name: 'other' }, { 'idempotency-key': 'once' })).status).toBe(422);
  });

  it.each([
    'http://127.0.0.1:1/v1',
    'http://localhost/v1',
    'https://169.254.169.254/latest',
    'https://[::1]/v1',
    'http://example.com/v1',
    'https://user:pass@example.com/v1',
  ])('is refused at %s', async (address) => {
    const { body } = await create({ base_url: address });
    expect(body.error).toMatchObject({ code: 'invalid_request', param: 'base_url' });
  });

  it('is refused where its dialect could not be spoken at the address, when it is made and when it is changed', async () => {
    const address = 'https://llm.example.com/v1?version=2';
    const { body: refused } = await create({ type: 'google', base_url: address, skip_test: true });
    expect(refused.error).toMatchObject({ code: 'invalid_request', param: 'base_url' });
    const { body: made } = await create({ type: 'google', base_url: null, skip_test: true });
    const change = { body: { base_url: address, api_key: goodKey, skip_test: true } };
    const { body: unchanged } = await server.send('PATCH', `/v1/providers/${made.id}`, change);
    expect(unchanged.error).toMatchObject({ code: 'invalid_request', param: 'base_url' });
    const { body: kept } = await create({ base_url: address, skip_test: true });
    expect(kept.base_url).toBe(address);
  });

  it("is its workspace's alone", async () => {
    const { body } = await create({ name: 'alone' });
    const client = await server.send('POST', '/v1/workspaces', { body: { name: 'Client' } });
    const headers = { 'parley-workspace': client.body.id as string };
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/test'],
    ] as const) {
      const sent = method === 'PATCH' ? { headers, body: {} } : { headers };
      expect((await server.send(method, `/v1/providers/${body.id}${path}`, sent)).status, method).toBe(404);
    }
    const bot = await server.send('POST', '/v1/bots', { headers, body: { name: 'theirs', model: 'alone/small' } });
    expect(bot.body.error).toMatchObject({ code: 'invalid_request', param: 'model' });
  });

  it('never shows its key: not in the log, and not in the database', async () => {
    await create({ api_key: badKey, skip_test: true, name: 'failing' });
    await ask(await server.makeBot({ model: 'failing/small' }));
    expect(JSON.stringify(server.logged)).not.toContain('canary');
    for (const table of ['providers', 'encrypted_secrets', 'audit_log', 'idempotency_keys', 'turn_records']) {
      expect(JSON.stringify(await server.query(`select * from ${table}`)), table).not.toContain('canary');
    }
  });
});
