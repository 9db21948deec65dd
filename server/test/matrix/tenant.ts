import type { Answer, Sending } from '../api-client.ts';
import type { Server } from '../boot.ts';

/** A workspace with one object of every kind, and the ids of those objects by what a path or a schema calls them. */
export type Tenant = {
  name: string;
  workspaceId: string;
  /** A key that may do everything in it. */
  key: string;
  ids: Readonly<Record<string, string>>;
  /** A second bot with a conversation and a turn of its own, for keys that are limited to the first. */
  otherBot: Readonly<Record<string, string>>;
  origin: string;
  publishableKey: string;
};

/** Makes a client workspace and fills it through the API. */
export const makeTenant = async (server: Server, name: string): Promise<Tenant> => {
  const workspace = await ask(server, 'POST', '/v1/workspaces', { body: { name } });
  const workspaceId = workspace.id as string;
  const acting = { 'parley-workspace': workspaceId };
  const made = await ask(server, 'POST', '/v1/keys', { body: { name, scopes: ['all'] }, headers: acting });
  const filled = await fillWorkspace(server, { name, key: made.secret as string });
  return { ...filled, workspaceId, ids: { ...filled.ids, workspace_id: workspaceId, owner_id: workspaceId } };
};

/** Makes one object of every kind in the workspace of a key. A name serves once in a workspace. */
const fillWorkspace = async (
  server: Server,
  { name, key }: { name: string; key: string },
): Promise<Omit<Tenant, 'workspaceId'>> => {
  const make: Make = (path, body) => ask(server, 'POST', path, { key, ...(body === undefined ? {} : { body }) });
  const user = `user of ${name}`;
  const first = await makeBot(make, user);
  const second = await makeBot(make, `${user} 2`);
  const origin = `https://${name.toLowerCase()}.example`;
  const publishable = await make('/v1/keys', {
    name: 'page',
    type: 'publishable',
    bot_ids: [first['bot_id']],
    allowed_origins: [origin],
  });
  await make(`/v1/users/${encodeURIComponent(user)}/link`, { user_id: `${user} 2` });
  const spare = await make('/v1/keys', { name: 'spare', scopes: ['chat'] });
  return {
    name,
    key,
    origin,
    publishableKey: publishable.secret as string,
    otherBot: second,
    ids: {
      ...first,
      version: '1',
      user_id: user,
      other_user_id: `${user} 2`,
      key_id: spare.id as string,
      ...(await makeAdministration(server, { name, key, make, botId: first['bot_id'] ?? '' })),
      ...(await makeEndpoint(server, { name, key, make })),
      erasure_id: await makeErasure(server, { name, key, make, botId: first['bot_id'] ?? '' }),
    },
  };
};

type Filling = { name: string; key: string; make: Make };

const makeAdministration = async (
  server: Server,
  { name, make, botId }: Filling & { botId: string },
): Promise<Record<string, string>> => {
  const secret = await make(`/v1/bots/${botId}/user_token_secrets`);
  const invitation = await make('/v1/invitations', { email: `new@${name.toLowerCase()}.example`, role: 'viewer' });
  const invited = await make('/v1/invitations', { email: `member@${name.toLowerCase()}.example`, role: 'viewer' });
  const member = await ask(server, 'POST', '/auth/invitations/accept', {
    key: null,
    body: { token: invited.token as string, name },
  });
  const provider = await make('/v1/providers', {
    name: `by-${name.toLowerCase()}`,
    type: 'openai-compatible',
    base_url: 'https://models.invalid/v1',
    api_key: 'sk-test-0000',
    skip_test: true,
  });
  return {
    secret_id: secret.id as string,
    invitation_id: invitation.id as string,
    member_id: member.id as string,
    provider_id: provider.id as string,
  };
};

const makeEndpoint = async (server: Server, { name, key, make }: Filling): Promise<Record<string, string>> => {
  const endpoint = await make('/v1/webhook_endpoints', {
    url: `https://${name.toLowerCase()}.invalid/hook`,
    events: ['turn.completed'],
  });
  const path = `/v1/webhook_endpoints/${endpoint.id}`;
  await make(`${path}/test`);
  const delivery = await firstOf(() => ask(server, 'GET', `${path}/deliveries`, { key }));
  return { webhook_endpoint_id: endpoint.id as string, delivery_id: delivery };
};

const makeErasure = async (
  server: Server,
  { name, key, make, botId }: Filling & { botId: string },
): Promise<string> => {
  const user = `${name} to erase`;
  await make('/v1/chat', { bot_id: botId, user_id: user, message: 'Hello there.' });
  const erasure = await ask(server, 'DELETE', `/v1/users/${encodeURIComponent(user)}`, { key });
  return erasure.id as string;
};

type Make = (path: string, body?: unknown) => Promise<Answer['body']>;

const makeBot = async (make: Make, user: string): Promise<Record<string, string>> => {
  const bot = await make('/v1/bots', { name: 'Bot', model: 'builtin', fallback: 'Ask us.' });
  const source = await make(`/v1/bots/${bot.id}/sources`, { type: 'text', title: 'Facts', text: `A fact of ${user}.` });
  const turn = await make('/v1/chat', { bot_id: bot.id, user_id: user, message: `A secret of ${user}.` });
  return {
    bot_id: bot.id as string,
    source_id: source.id as string,
    turn_id: turn.id as string,
    conversation_id: turn.conversation_id as string,
  };
};

export const ask = async (
  server: Server,
  method: string,
  path: string,
  request: Sending = {},
): Promise<Answer['body']> => {
  const answer = await server.send(method, path, request);
  if (answer.status === 429) {
    // members are let in slowly
    await pause(Number(answer.headers.get('retry-after')) * 1_000);
    return ask(server, method, path, request);
  }
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
  return answer.body;
};

const pause = (durationMs: number): Promise<void> =>
  new Promise((wake) => {
    setTimeout(wake, durationMs);
  });

const patienceMs = 10_000;

/** The id of the first object of a list that is filled in the background. */
const firstOf = async (list: () => Promise<Answer['body']>): Promise<string> => {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const { data } = await list();
    if (data.length > 0) return data[0].id as string;
    if (performance.now() > giveUpAt) throw new Error('the list stayed empty');
    await pause(20);
  }
};
