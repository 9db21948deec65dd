import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, noLimits, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Agency, client, bot and user under fire: the tightest limit is granted exactly, and every counter is its charges. */

const callers = 200;
const user = 'the-one-user';

let provider: ScriptedProvider;
let server: Server;
beforeAll(async () => {
  provider = await startScriptedProvider(saying('Yes, of course.'));
  server = await boot({
    providerUrl: provider.url,
    plan: { messages_per_month: 100_000, warn_at: 90_000 },
    plans: { tiny: { ...noLimits, messages_per_month: 9 } },
  });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

type Limits = { client: number | null; bot: number | null; user: number | null };

const quotaOf = (limit: number | null) => (limit === null ? null : { messages_per_month: limit });

/** A client with a share, a bot in it, and what a request for it needs. */
const makeTree = async (limits: Limits) => {
  const { body: client } = await server.send('POST', '/v1/workspaces', {
    body: { name: 'Client', share: { messages_per_month: limits.client } },
  });
  const headers = { 'parley-workspace': client.id as string };
  const { body: bot } = await server.send('POST', '/v1/bots', {
    headers,
    body: { name: 'Bot', model: 'test/any', quota: quotaOf(limits.bot), user_quota: quotaOf(limits.user) },
  });
  return { client: client.id as string, bot: bot.id as string, headers };
};
type Tree = Awaited<ReturnType<typeof makeTree>>;

const chatBody = ({ bot }: Tree, at: number) => ({
  bot_id: bot,
  message: 'Hi',
  user_id: user,
  new_conversation: true,
  stream: at % 2 === 0,
});

/** The sum of all charges to an owner, page by page. */
const ledgerSum = async (owner: string | null, headers: Record<string, string> = {}): Promise<number> => {
  let sum = 0;
  let after = owner === null ? '' : `&owner_id=${encodeURIComponent(owner)}`;
  const base = after;
  for (;;) {
    const { body } = await server.send('GET', `/v1/usage/ledger?limit=100${after}`, { headers });
    for (const charge of body.data) sum += charge.messages;
    if (!body.has_more) return sum;
    after = `${base}&after=${body.last_id}`;
  }
};

/** Counters as the database has them, by owner. */
const counters = async (): Promise<Map<string, { used: number; reserved: number }>> => {
  const rows = await server.query('select owner_id, used, reserved from quota_periods');
  return new Map(
    rows.map((row) => [String(row['owner_id']), { used: Number(row['used']), reserved: Number(row['reserved']) }]),
  );
};

const agency = () => server.firstRun?.workspaceId ?? '';

describe('a tree of four levels', () => {
  it.each([
    ['client', { client: 31, bot: 60, user: null }, 31],
    ['bot', { client: 60, bot: 23, user: 40 }, 23],
    ['user', { client: null, bot: 40, user: 17 }, 17],
  ] as const)('grants of 200 calls at once exactly what its %s may use', async (tightest, limits, granted) => {
    const before = { calls: provider.calls.length, agency: (await counters()).get(agency())?.used ?? 0 };
    const tree = await makeTree(limits);
    const answers = await Promise.all(
      Array.from({ length: callers }, (_, at) =>
        server.send('POST', '/v1/chat', { headers: tree.headers, body: chatBody(tree, at) }),
      ),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(granted);
    expect(refused).toHaveLength(callers - granted);
    for (const { body } of refused) expect(body.error).toMatchObject({ code: 'quota_exceeded', param: tightest });
    expect(provider.calls.length - before.calls).toBe(granted);

    const after = await counters();
    expect(after.get(tree.client)).toEqual({ used: granted, reserved: 0 });
    expect(after.get(agency())).toEqual({ used: before.agency + granted, reserved: 0 });
    expect(await ledgerSum(null, tree.headers)).toBe(granted);
    expect(await ledgerSum(null)).toBe(before.agency + granted);
    expect(await ledgerSum(tree.bot, tree.headers)).toBe(granted);
    expect(await ledgerSum(`user:${user}`, tree.headers)).toBe(limits.user === null ? 0 : granted);
    const { body: usage } = await server.send('GET', '/v1/usage', { headers: tree.headers });
    expect(usage.messages).toMatchObject({ used: granted, reserved: 0, limit: limits.client });
    expect(usage.by_bot).toMatchObject([
      { bot_id: tree.bot, quota: { used: granted, reserved: 0, limit: limits.bot } },
    ]);
  });

  it('ends at the limit also where streams are left at every phase, and holds no reservation afterwards', async () => {
    const tree = await makeTree({ client: 50, bot: 19, user: 25 });
    const phases = [undefined, 'turn.started', 'reply.delta', 'turn.completed'];
    await Promise.all(
      Array.from({ length: callers }, async (_, at) => {
        const body = { ...chatBody(tree, at), stream: true };
        const reader = await server.open('POST', '/v1/chat', { headers: tree.headers, body });
        const phase = phases[at % phases.length];
        if (reader.response.status === 200 && phase !== undefined) await reader.until(phase);
        reader.cut();
      }),
    );
    const settled = { used: 19, reserved: 0 };
    await expect.poll(async () => (await counters()).get(tree.client)).toEqual(settled);
    expect((await counters()).get(tree.bot)).toEqual(settled);
    expect((await counters()).get(agency())?.reserved).toBe(0);
    expect(await ledgerSum(tree.bot, tree.headers)).toBe(19);
  });

  it('names the owner of each charge', async () => {
    const tree = await makeTree({ client: 5, bot: 5, user: 5 });
    await server.send('POST', '/v1/chat', { headers: tree.headers, body: chatBody(tree, 1) });
    const ownersOf = async (query: string, headers: Record<string, string>) => {
      const { body } = await server.send('GET', `/v1/usage/ledger${query}`, { headers });
      return body.data.map(({ owner }: { owner: unknown }) => owner);
    };
    expect(await ownersOf('', tree.headers)).toEqual([{ type: 'client', id: tree.client }]);
    expect(await ownersOf(`?owner_id=${tree.bot}`, tree.headers)).toEqual([{ type: 'bot', id: tree.bot }]);
    expect(await ownersOf(`?owner_id=user:${user}`, tree.headers)).toEqual([{ type: 'user', id: user }]);
    expect(await ownersOf(`?owner_id=${agency()}`, tree.headers)).toEqual([]);
    expect((await ownersOf('?limit=1', {}))[0]).toEqual({ type: 'workspace', id: agency() });
  });
});

describe('a limit that is changed', () => {
  it('holds for the next message, and a bot keeps its version', async () => {
    const tree = await makeTree({ client: 5, bot: 1, user: null });
    const chat = () => server.send('POST', '/v1/chat', { headers: tree.headers, body: chatBody(tree, 1) });
    expect([(await chat()).status, (await chat()).status]).toEqual([200, 429]);
    const path = `/v1/bots/${tree.bot}`;
    const { body } = await server.send('PATCH', path, {
      headers: tree.headers,
      body: { quota: { messages_per_month: 2, warn_at: 1 } },
    });
    expect(body).toMatchObject({ version: 1, quota: { messages_per_month: 2, warn_at: 1 }, user_quota: null });
    expect([(await chat()).status, (await chat()).status]).toEqual([200, 429]);
    await server.send('PATCH', path, { headers: tree.headers, body: { quota: null } });
    expect((await chat()).status).toBe(200);
    expect((await server.send('GET', path, { headers: tree.headers })).body.quota).toBeNull();
  });

  it('of a client holds for the next message, as its plan does', async () => {
    const tree = await makeTree({ client: 1, bot: null, user: null });
    const chat = () => server.send('POST', '/v1/chat', { headers: tree.headers, body: chatBody(tree, 1) });
    const change = (body: unknown) => server.send('PATCH', `/v1/workspaces/${tree.client}`, { body });
    expect([(await chat()).status, (await chat()).status]).toEqual([200, 429]);
    await change({ share: { messages_per_month: 2 } });
    expect([(await chat()).status, (await chat()).status]).toEqual([200, 429]);
    const before = (await counters()).get(agency());
    expect((await change({ plan: 'tiny' })).body).toMatchObject({ plan: 'tiny', share: null });
    const answer = await chat();
    expect(answer.headers.get('ratelimit')).toContain('"month";r=6;');
    // on a plan of its own nothing is counted on the agency
    expect((await counters()).get(agency())).toEqual(before);
    expect((await change({ share: null })).body).toMatchObject({ plan: 'tiny', share: null });
    expect((await change({ plan: null })).body).toMatchObject({
      plan: null,
      share: { messages_per_month: null, warn_at: null },
    });
  });

  it('to a warning above the limit is refused', async () => {
    const refused = await server.send('POST', '/v1/bots', {
      body: { name: 'Bot', quota: { messages_per_month: 1, warn_at: 2 } },
    });
    expect(refused).toMatchObject({ status: 400, body: { error: { param: 'quota.warn_at' } } });
  });
});

it('a message into a known conversation counts on its user, whether the call names them or not', async () => {
  const tree = await makeTree({ client: null, bot: null, user: 2 });
  const send = (body: Record<string, unknown>) =>
    server.send('POST', '/v1/chat', { headers: tree.headers, body: { bot_id: tree.bot, message: 'Hi', ...body } });
  const { body: turn } = await send({ user_id: 'known' });
  expect((await send({ conversation_id: turn.conversation_id })).status).toBe(200);
  expect((await send({ conversation_id: turn.conversation_id })).body.error).toMatchObject({ param: 'user' });
  expect((await send({ user_id: 'somebody-else' })).status).toBe(200);
  expect((await send({})).status).toBe(200);
});

it('usage tells the agency what each client has used', async () => {
  const tree = await makeTree({ client: 7, bot: null, user: null });
  await server.send('POST', '/v1/chat', { headers: tree.headers, body: chatBody(tree, 1) });
  const { body } = await server.send('GET', '/v1/usage');
  expect(body.messages.warn_at).toBe(90_000);
  expect(body.by_client.find(({ workspace_id: id }: { workspace_id: string }) => id === tree.client)).toEqual({
    workspace_id: tree.client,
    name: 'Client',
    messages: { used: 1, reserved: 0, limit: 7, remaining: 6, warn_at: null },
  });
  expect((await server.send('GET', '/v1/usage', { headers: tree.headers })).body.by_client).toEqual([]);
});
