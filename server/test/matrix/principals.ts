import { scopeNames } from '@parley/protocol/key-schemas';
import { SignJWT } from 'jose';
import { vi } from 'vitest';
import type { Server } from '../boot.ts';
import { ask, type Tenant } from './tenant.ts';

/** Somebody of a tenant who sends requests. */
export type Caller = {
  name: string;
  headers: Record<string, string>;
  /** True behind a publishable key. */
  isPage?: true;
  /** Objects of its own tenant that it may not know of either. */
  hidden: readonly Readonly<Record<string, string>>[];
};

const scopes = scopeNames.filter((scope) => scope !== 'all');

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

/** One caller of every kind that the API knows. */
export const callersOf = async (server: Server, tenant: Tenant): Promise<Caller[]> => {
  const { ids, key } = tenant;
  const makeKey = async (body: Record<string, unknown>): Promise<string> => {
    const made = await ask(server, 'POST', '/v1/keys', { key, body: { name: 'matrix', ...body } });
    return made.secret as string;
  };
  const visible = { user_id: ids['user_id'] ?? '' };
  const byScope = await Promise.all(
    scopes.map(async (scope) => ({
      name: `key with ${scope}`,
      headers: bearer(await makeKey({ scopes: [scope] })),
      hidden: [],
    })),
  );
  const limited = await makeKey({ scopes: ['all'], bot_ids: [ids['bot_id']] });
  const revoked = await ask(server, 'POST', '/v1/keys', { key, body: { name: 'revoked', scopes: ['all'] } });
  await ask(server, 'DELETE', `/v1/keys/${revoked.id}`, { key });
  const page = { ...bearer(tenant.publishableKey), origin: tenant.origin };
  // what server keys made is no visitor's
  const notTheirs = [withoutUsers(ids), tenant.otherBot];
  const agencys = { bot_id: server.firstRun?.botId ?? '', workspace_id: server.firstRun?.workspaceId ?? '' };
  return [
    { name: 'key with all', headers: bearer(key), hidden: [] },
    ...byScope,
    { name: 'key limited to a bot', headers: bearer(limited), hidden: [tenant.otherBot] },
    { name: 'test key', headers: bearer(await makeKey({ type: 'test', scopes: ['all'] })), hidden: [turnsOf(ids)] },
    {
      name: 'agency that acts for its client',
      headers: { ...bearer(server.key), 'parley-workspace': tenant.workspaceId },
      hidden: [agencys],
    },
    { name: 'expired key', headers: bearer(await expiredKey(server, makeKey)), hidden: [visible] },
    { name: 'revoked key', headers: bearer(revoked.secret as string), hidden: [visible] },
    { name: 'nobody', headers: {}, hidden: [visible] },
    { name: 'page without a visitor', isPage: true, headers: page, hidden: notTheirs },
    { name: 'visitor', isPage: true, headers: { ...page, ...(await visitor(server, tenant)) }, hidden: notTheirs },
    { name: 'known user', isPage: true, headers: { ...page, ...(await knownUser(server, tenant)) }, hidden: notTheirs },
    {
      name: 'framed page of the server itself',
      isPage: true,
      headers: { ...bearer(tenant.publishableKey), ...(await embedToken(server, tenant)) },
      hidden: notTheirs,
    },
    {
      name: 'page of another origin',
      isPage: true,
      headers: { ...page, origin: 'https://evil.example' },
      hidden: notTheirs,
    },
  ];
};

/** One that was good for a moment. */
const expiredKey = async (
  server: Server,
  makeKey: (body: Record<string, unknown>) => Promise<string>,
): Promise<string> => {
  const key = await makeKey({ scopes: ['all'], expires_at: new Date(Date.now() + 1_000).toISOString() });
  await vi.waitUntil(
    async () => (await server.send('GET', '/v1/bots', { key })).body.error?.code === 'expired_api_key',
    { timeout: 15_000 },
  );
  return key;
};

/** As the page that is served to be framed shows it. */
const embedToken = async (server: Server, tenant: Tenant): Promise<Record<string, string>> => {
  const { text } = await server.send('GET', `/embed/${tenant.publishableKey}`, { key: null });
  const [, token] = /data-embed-token="([^"]+)"/.exec(text) ?? [];
  if (token === undefined) throw new Error(`no embed token: ${text}`);
  return { 'parley-embed-token': token };
};

const withoutUsers = (ids: Tenant['ids']): Record<string, string> =>
  Object.fromEntries(Object.entries(ids).filter(([name]) => name !== 'bot_id'));

const turnsOf = (ids: Tenant['ids']): Record<string, string> => ({
  turn_id: ids['turn_id'] ?? '',
  conversation_id: ids['conversation_id'] ?? '',
});

const visitor = async (server: Server, tenant: Tenant): Promise<Record<string, string>> => {
  const answer = await server.send('POST', '/v1/chat', {
    key: tenant.publishableKey,
    headers: { origin: tenant.origin },
    body: { message: 'Hello.' },
  });
  const token = answer.headers.get('parley-visitor-token');
  if (token === null) throw new Error(`no visitor token: ${answer.text}`);
  return { 'parley-visitor-token': token };
};

const knownUser = async (server: Server, { key, ids }: Tenant): Promise<Record<string, string>> => {
  const path = `/v1/bots/${ids['bot_id']}/user_token_secrets`;
  const made = await ask(server, 'POST', path, { key, body: {} });
  const token = await new SignJWT({ bot_id: ids['bot_id'] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('known user')
    .setAudience('parley')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(made.secret as string));
  return { 'parley-user-token': token };
};
