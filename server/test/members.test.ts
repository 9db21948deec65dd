import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
beforeAll(async () => {
  server = await boot();
});
afterAll(() => server.close());

const newKey = async (fields: Record<string, unknown>): Promise<string> => {
  const { body } = await server.send('POST', '/v1/keys', { body: { name: 'k', ...fields } });
  return body.secret as string;
};
const invite = (email: string, role: string, key?: string) =>
  server.send('POST', '/v1/invitations', { body: { email, role }, ...(key === undefined ? {} : { key }) });
const accept = (token: string, name = 'Ana') =>
  server.send('POST', '/auth/invitations/accept', { key: null, body: { token, name } });
const join = async (email: string, role: string): Promise<string> => {
  const { body } = await invite(email, role);
  const accepted = await accept(body.token as string);
  expect(accepted.status).toBe(201);
  return accepted.body.id as string;
};
const everyScopeButAll = [
  'chat',
  'bots:read',
  'bots:write',
  'conversations:read',
  'conversations:write',
  'usage:read',
  'keys:write',
  'users:read',
  'users:write',
  'workspaces:write',
  'admin',
];

describe('an invitation', () => {
  it('makes a member once, of an address without regard to its case', async () => {
    const invited = await invite('  Ana.Lee@Example.COM ', 'member');
    expect(invited.status).toBe(201);
    expect(invited.body).toMatchObject({ object: 'invitation', email: 'ana.lee@example.com', role: 'member' });
    expect(Date.parse(invited.body.expires_at) - Date.parse(invited.body.created_at)).toBe(7 * 24 * 3_600_000);
    const { token } = invited.body as { token: string };

    const listed = await server.send('GET', '/v1/invitations');
    expect(listed.text).toContain(invited.body.id);
    expect(listed.text).not.toContain(token);

    const [one, other] = await Promise.all([accept(token), accept(token)]);
    expect([one.status, other.status]).toEqual(expect.arrayContaining([201, 404]));
    const member = one.status === 201 ? one.body : other.body;
    expect(member).toMatchObject({ object: 'member', email: 'ana.lee@example.com', role: 'member', name: 'Ana' });
    expect((await server.send('GET', `/v1/members/${member.id}`)).body).toEqual(member);
    expect((await accept(token)).status).toBe(404);
    expect((await server.send('GET', '/v1/invitations')).text).not.toContain(invited.body.id);
  });

  it('is one for an address, and none for a member', async () => {
    const first = await invite('bo@example.com', 'viewer');
    expect((await invite('BO@example.com', 'viewer')).body.error).toMatchObject({
      code: 'already_exists',
      param: 'email',
    });
    await accept(first.body.token);
    expect((await invite('bo@example.com', 'viewer')).status).toBe(409);
  });

  it('opens nothing once it was taken back', async () => {
    const { body } = await invite('cy@example.com', 'viewer');
    expect((await server.send('DELETE', `/v1/invitations/${body.id}`)).body.deleted).toBe(true);
    expect((await accept(body.token)).status).toBe(404);
    expect((await server.send('DELETE', `/v1/invitations/${body.id}`)).status).toBe(404);
    expect((await invite('cy@example.com', 'viewer')).status).toBe(201);
  });

  it('leaves no address in the audit log, which forgets nothing', async () => {
    const { body } = await invite('zoe@example.com', 'viewer');
    await server.send('DELETE', `/v1/invitations/${body.id}`);
    const { body: log } = await server.send('GET', `/v1/audit_log?target=${body.id}`);
    const acts = log.data.map(({ action }: { action: string }) => action);
    expect(acts).toEqual(['invitation.delete', 'invitation.create']);
    expect(JSON.stringify(await server.query('select * from audit_log'))).not.toContain('zoe@');
  });

  it('stands in the database as a hash alone', async () => {
    const { body } = await invite('di@example.com', 'viewer');
    const rows = await server.query('select * from invitations');
    expect(JSON.stringify(rows)).toContain('di@example.com');
    expect(JSON.stringify(rows)).not.toContain(body.token.slice(8));
  });

  it('gives the same token for the same Idempotency-Key, which the database does not have', async () => {
    const request = { body: { email: 'ed@example.com', role: 'viewer' }, headers: { 'idempotency-key': 'invite-ed' } };
    const first = await server.send('POST', '/v1/invitations', request);
    const again = await server.send('POST', '/v1/invitations', request);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(JSON.stringify(await server.query('select * from idempotency_keys'))).not.toContain(first.body.token);
  });

  it.each(['nobody', 'a b@example.com', 'a@b', '@example.com', 'a@example.com.', 'x'.repeat(300)])(
    'is refused for %s',
    async (email) => {
      expect((await invite(email, 'viewer')).body.error).toMatchObject({ code: 'invalid_request', param: 'email' });
    },
  );

  it.each(['', 'prl_inv_', `prl_inv_${'x'.repeat(43)}`, 'x'.repeat(5_000), 7])(
    'that nobody made is refused as %j',
    async (token) => {
      const { status } = await server.send('POST', '/auth/invitations/accept', {
        key: null,
        body: { token, name: 'X' },
      });
      expect([400, 404]).toContain(status);
    },
  );
});

describe('roles', () => {
  it('are given and taken only by who holds as much', async () => {
    const admin = await newKey({ scopes: everyScopeButAll });
    const looker = await newKey({ scopes: ['admin', 'bots:read', 'conversations:read', 'usage:read', 'users:read'] });
    const insufficient = { code: 'insufficient_scope', param: 'role' };
    expect((await invite('o@example.com', 'owner', admin)).body.error).toMatchObject(insufficient);
    expect((await invite('m@example.com', 'member', looker)).body.error).toMatchObject(insufficient);
    expect((await invite('v@example.com', 'viewer', looker)).status).toBe(201);
    expect((await invite('a@example.com', 'admin', admin)).status).toBe(201);

    const owner = await join('owner-1@example.com', 'owner');
    await join('owner-2@example.com', 'owner');
    const demote = (key?: string) =>
      server.send('PATCH', `/v1/members/${owner}`, { body: { role: 'viewer' }, ...(key === undefined ? {} : { key }) });
    expect((await demote(admin)).body.error).toMatchObject(insufficient);
    expect((await server.send('DELETE', `/v1/members/${owner}`, { key: admin })).status).toBe(403);
    expect((await demote()).body.role).toBe('viewer');
    const promote = { body: { role: 'owner' }, key: admin };
    expect((await server.send('PATCH', `/v1/members/${owner}`, promote)).status).toBe(403);
    expect((await server.send('DELETE', `/v1/members/${owner}`, { key: admin })).body.deleted).toBe(true);
  });

  it('leave a workspace its last owner, also where two are taken at once', async () => {
    const fresh = await boot();
    try {
      const owners: string[] = [];
      for (const email of ['one@example.com', 'two@example.com']) {
        const { body } = await fresh.send('POST', '/v1/invitations', { body: { email, role: 'owner' } });
        const accepted = await fresh.send('POST', '/auth/invitations/accept', {
          key: null,
          body: { token: body.token, name: email },
        });
        owners.push(accepted.body.id);
      }
      const answers = await Promise.all([
        fresh.send('DELETE', `/v1/members/${owners[0]}`),
        fresh.send('PATCH', `/v1/members/${owners[1]}`, { body: { role: 'admin' } }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 409]));
      expect(answers.find(({ status }) => status === 409)?.body.error.code).toBe('last_owner');
      const { body } = await fresh.send('GET', '/v1/members');
      expect(body.data.filter(({ role }: { role: string }) => role === 'owner')).toHaveLength(1);
    } finally {
      await fresh.close();
    }
  });

  it.each([
    ['a test key', { type: 'test', scopes: ['all'] }],
    ['a key without the scope', { scopes: ['keys:write', 'bots:write'] }],
  ])('are no affair of %s', async (_who, fields) => {
    const key = await newKey(fields);
    for (const path of ['/v1/members', '/v1/invitations', '/v1/providers', '/v1/audit_log']) {
      expect((await server.send('GET', path, { key })).body.error.code, path).toBe('insufficient_scope');
    }
    expect((await invite('x@example.com', 'viewer', key)).status).toBe(403);
  });

  it('are no affair of a key that is limited to some bots', async () => {
    const key = await newKey({ scopes: ['all'], bot_ids: [await server.makeBot()] });
    expect((await server.send('GET', '/v1/members', { key })).status).toBe(403);
    expect((await invite('x@example.com', 'viewer', key)).status).toBe(403);
  });
});

describe('a key', () => {
  it('ends no key that may do more, and always itself', async () => {
    const small = await server.send('POST', '/v1/keys', { body: { name: 'small', scopes: ['keys:write', 'chat'] } });
    const big = await server.send('POST', '/v1/keys', { body: { name: 'big', scopes: ['all'] } });
    const key = small.body.secret as string;
    const refused = await server.send('DELETE', `/v1/keys/${big.body.id}`, { key });
    expect(refused.body.error.code).toBe('insufficient_scope');
    expect((await server.send('POST', `/v1/keys/${big.body.id}/finish-rotation`, { key })).status).toBe(403);
    expect((await server.send('GET', '/v1/keys', { key: big.body.secret })).status).toBe(200);
    const equal = await server.send('POST', '/v1/keys', { body: { name: 'equal', scopes: ['chat'] } });
    expect((await server.send('DELETE', `/v1/keys/${equal.body.id}`, { key })).status).toBe(200);
    expect((await server.send('DELETE', `/v1/keys/${small.body.id}`, { key })).status).toBe(200);
  });
});
