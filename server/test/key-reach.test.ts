import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';

/** Ways around the rule that nobody gives, or takes, more than they hold themselves. */
let server: Server;
beforeAll(async () => {
  server = await boot();
});
afterAll(async () => {
  await server.close();
});

const newKey = async (fields: Record<string, unknown>): Promise<{ id: string; secret: string }> => {
  const { status, body, text } = await server.send('POST', '/v1/keys', { body: { name: 'k', ...fields } });
  if (status !== 201) throw new Error(text);
  return body;
};
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

describe('a key that expires', () => {
  it('rotates none that outlives it, and itself', async () => {
    const everlasting = await newKey({ scopes: ['chat'] });
    const longer = await newKey({ scopes: ['chat'], expires_at: new Date(Date.now() + 7_200_000).toISOString() });
    const shorter = await newKey({ scopes: ['chat'], expires_at: new Date(Date.now() + 60_000).toISOString() });
    const own = await newKey({ scopes: ['chat', 'keys:write'], expires_at: inAnHour() });
    const rotate = async (id: string) =>
      (await server.send('POST', `/v1/keys/${id}/rotate`, { key: own.secret, body: {} })).status;
    expect(await Promise.all([everlasting.id, longer.id, shorter.id, own.id].map(rotate))).toEqual([
      403, 403, 200, 200,
    ]);
  });
});

describe('what a key that expires leaves behind', () => {
  const bound = () => newKey({ scopes: ['all'], expires_at: inAnHour() });
  const hook = { url: 'https://hooks.invalid/', events: ['turn.completed'] };
  const isRefused = (answer: { status: number; body: { error?: { code: string; message: string } } }) => {
    expect([answer.status, answer.body.error?.code]).toEqual([403, 'insufficient_scope']);
    expect(answer.body.error?.message).toContain('A key that expires');
  };

  it('is a secret of known users that ends with it, in the place of none that outlives it', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const { secret: key } = await newKey({ scopes: ['all'], expires_at: expires });
    const path = `/v1/bots/${await server.makeBot()}/user_token_secrets`;
    const made = await server.send('POST', path, { key, body: {} });
    expect(made).toMatchObject({ status: 201, body: { expires_at: expires } });
    expect((await server.send('POST', path, { key, body: {} })).body.expires_at).toBe(expires);
    const { body: lasting } = await server.send('POST', path, { body: {} });
    expect(lasting.expires_at).toBeNull();
    isRefused(await server.send('POST', path, { key, body: {} }));
    expect((await server.send('GET', path)).body.data[0]).toMatchObject({ id: lasting.id, expires_at: null });
    expect((await server.send('DELETE', `${path}/${lasting.id}`, { key })).status).toBe(200);
  });

  it('is no member and no role', async () => {
    const { secret: key } = await bound();
    const invite = (options: { key?: string }) =>
      server.send('POST', '/v1/invitations', { ...options, body: { email: 'ana@example.com', role: 'viewer' } });
    isRefused(await invite({ key }));
    const { body: invitation } = await invite({});
    const accepted = await server.send('POST', '/auth/invitations/accept', {
      key: null,
      body: { token: invitation.token, name: 'Ana' },
    });
    const path = `/v1/members/${accepted.body.id}`;
    isRefused(await server.send('PATCH', path, { key, body: { role: 'admin' } }));
    expect((await server.send('GET', path)).body.role).toBe('viewer');
    expect((await server.send('DELETE', path, { key })).status).toBe(200);
  });

  it('is no webhook endpoint, and none that is sent elsewhere', async () => {
    const { secret: key } = await bound();
    isRefused(await server.send('POST', '/v1/webhook_endpoints', { key, body: hook }));
    const { body: endpoint } = await server.send('POST', '/v1/webhook_endpoints', { body: hook });
    const path = `/v1/webhook_endpoints/${endpoint.id}`;
    for (const body of [
      { url: 'https://elsewhere.invalid/' },
      { events: ['message.created'] },
      { status: 'enabled' },
    ]) {
      isRefused(await server.send('PATCH', path, { key, body }));
    }
    isRefused(await server.send('POST', `${path}/rotate_secret`, { key, body: {} }));
    expect((await server.send('PATCH', path, { key, body: { status: 'disabled' } })).status).toBe(200);
    expect((await server.send('DELETE', path, { key })).status).toBe(200);
  });
});

describe('what the whole workspace keeps', () => {
  it('is changed by no test key and no key that is limited to some bots', async () => {
    const limited = await newKey({ scopes: ['all'], bot_ids: [await server.makeBot()] });
    const test = await newKey({ scopes: ['all'], type: 'test' });
    for (const { secret: key } of [limited, test]) {
      const { body } = await server.send('PATCH', '/v1/workspace/settings', { key, body: { retention_days: 1 } });
      expect(body.error?.code).toBe('insufficient_scope');
    }
    const { body } = await server.send('GET', '/v1/workspace/settings');
    expect(body.retention_days).toBeNull();
  });
});

describe('client workspaces', () => {
  it('are made, changed and deleted by no test key', async () => {
    const { secret: key } = await newKey({ scopes: ['all'], type: 'test' });
    const { body: client } = await server.send('POST', '/v1/workspaces', { body: { name: 'Client' } });
    const path = `/v1/workspaces/${client.id}`;
    const answers = [
      await server.send('POST', '/v1/workspaces', { key, body: { name: 'By a test key' } }),
      await server.send('PATCH', path, { key, body: { share: { messages_per_month: 0 } } }),
      await server.send('DELETE', `${path}?confirm=Client`, { key }),
    ];
    expect(answers.map(({ body }) => body.error?.code)).toEqual(Array(3).fill('insufficient_scope'));
    expect((await server.send('GET', path)).body).toEqual(client);
  });
});

describe('secrets that make known users', () => {
  it.each([
    ['a test key', { scopes: ['all'], type: 'test' }],
    ['a key that may not read conversations', { scopes: ['bots:write', 'chat'] }],
    ['a key that may not chat', { scopes: ['bots:write', 'conversations:read'] }],
  ])('are made and ended not by %s, which would speak and read as any user with them', async (_who, fields) => {
    const bot = await server.makeBot();
    const path = `/v1/bots/${bot}/user_token_secrets`;
    const { body: made } = await server.send('POST', path, { body: {} });
    const { secret: key } = await newKey(fields);
    const refused = [
      await server.send('POST', path, { key, body: { overlap_seconds: 0 } }),
      await server.send('DELETE', `${path}/${made.id}`, { key }),
    ];
    expect(refused.map(({ body }) => body.error?.code)).toEqual(['insufficient_scope', 'insufficient_scope']);
    expect((await server.send('GET', path)).body.data).toMatchObject([{ id: made.id, expires_at: null }]);
  });

  it('are made by a key that holds as much as they give', async () => {
    const { secret: key } = await newKey({ scopes: ['bots:write', 'chat', 'conversations:read'] });
    const path = `/v1/bots/${await server.makeBot()}/user_token_secrets`;
    expect((await server.send('POST', path, { key, body: {} })).status).toBe(201);
  });
});

describe('a bot', () => {
  it('with live conversations is deleted by no test key', async () => {
    const bot = await server.makeBot({ name: 'Shared' });
    const { secret: key } = await newKey({ scopes: ['all'], type: 'test' });
    const path = `/v1/bots/${bot}?confirm=Shared`;
    const chat = (asking: { key?: string }) =>
      server.send('POST', '/v1/chat', { ...asking, body: { bot_id: bot, message: 'Hello', user_id: 'ann' } });
    const { body: turn } = await chat({});
    await chat({ key });
    const refused = await server.send('DELETE', path, { key });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'insufficient_scope']);
    await server.send('DELETE', `/v1/conversations/${turn.conversation_id}`);
    expect((await server.send('DELETE', path, { key })).status).toBe(200);
  });
});

describe('webhook endpoints', () => {
  const url = 'https://hooks.invalid/';
  const make = (events: string[], key?: string) =>
    server.send('POST', '/v1/webhook_endpoints', { body: { url, events }, ...(key === undefined ? {} : { key }) });

  it.each([
    [['admin'], 'turn.completed', 403],
    [['admin'], 'conversation.handoff', 403],
    [['admin'], 'message.created', 403],
    [['admin'], 'source.ready', 403],
    [['admin'], 'usage.threshold', 403],
    [['admin', 'conversations:read'], 'turn.failed', 201],
    [['admin', 'bots:read'], 'source.failed', 201],
    [['admin', 'usage:read'], 'usage.threshold', 201],
  ])('made with %j are not told of %s that the key may not read itself: %i', async (scopes, event, status) => {
    const { secret } = await newKey({ scopes });
    expect((await make([event], secret)).status).toBe(status);
  });

  it('are neither sent elsewhere nor told more by a key that may not read what they are told', async () => {
    const { body: endpoint } = await make(['turn.completed']);
    const { body: harmless } = await make(['usage.threshold']);
    const { secret: key } = await newKey({ scopes: ['admin', 'usage:read'] });
    const change = async (id: string, body: unknown) =>
      (await server.send('PATCH', `/v1/webhook_endpoints/${id}`, { key, body })).status;
    expect(await change(endpoint.id, { url: 'https://elsewhere.invalid/' })).toBe(403);
    expect(await change(endpoint.id, { status: 'enabled' })).toBe(403);
    expect(await change(harmless.id, { events: ['usage.threshold', 'turn.completed'] })).toBe(403);
    expect(await change(harmless.id, { url: 'https://elsewhere.invalid/' })).toBe(200);
    expect(await change(endpoint.id, { status: 'disabled' })).toBe(200);
  });
});

describe('the export of a user', () => {
  it('shows whole conversations to no key that may not read them', async () => {
    const botId = await server.makeBot();
    await server.send('POST', '/v1/chat', { body: { bot_id: botId, user_id: 'ann', message: 'My secret.' } });
    const byUsersAlone = await newKey({ scopes: ['users:read'] });
    const byBoth = await newKey({ scopes: ['users:read', 'conversations:read'] });
    const path = '/v1/users/ann/export';
    const refused = await server.send('GET', path, { key: byUsersAlone.secret });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'insufficient_scope']);
    expect(refused.text).not.toContain('secret');
    expect((await server.send('GET', path, { key: byBoth.secret })).text).toContain('My secret.');
  });
});

describe('the audit log', () => {
  it('keeps of the address of a webhook where it leads, and not what opens it there', async () => {
    const url = 'https://hooks.example/services/T0/B0/opensesame?token=opensesame';
    await server.send('POST', '/v1/webhook_endpoints', { body: { url, events: ['source.ready'] } });
    const { text } = await server.send('GET', '/v1/audit_log?action=webhook_endpoint.create');
    expect(text).toContain('https://hooks.example');
    expect(text).not.toContain('opensesame');
  });
});
