import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../src/kit/id.ts';
import { tenantTables } from '../src/store/tenant-tables.ts';
import { boot, noLimits, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

let provider: ScriptedProvider;
let server: Server;
beforeAll(async () => {
  provider = await startScriptedProvider(saying('Yes, of course.'));
  server = await boot({
    providerUrl: provider.url,
    plans: { slow: { ...noLimits, requests_per_minute: 3 }, single: { ...noLimits, bots: 1 } },
  });
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

const agency = () => server.firstRun?.workspaceId ?? '';

/** A client with a key of its own. */
const makeClient = async (fields: Record<string, unknown> = {}) => {
  const { body: client, text } = await server.send('POST', '/v1/workspaces', { body: { name: 'Client', ...fields } });
  const id = client?.id as string;
  if (id === undefined) throw new Error(text);
  const headers = { 'parley-workspace': id };
  const { body: key } = await server.send('POST', '/v1/keys', { headers, body: { name: 'Own', scopes: ['all'] } });
  return { id, headers, key: key.secret as string, client };
};

const makeBotIn = async (headers: Record<string, string>): Promise<string> => {
  const body = { name: 'Bot', model: 'test/any' };
  return (await server.send('POST', '/v1/bots', { headers, body })).body.id as string;
};

describe('client workspaces', () => {
  it('are made, read, listed, changed and deleted', async () => {
    const fields = {
      share: { messages_per_month: 500, warn_at: 400 },
      branding: { colour: '#fff' },
      metadata: { a: 'b' },
    };
    const { id, client } = await makeClient({ name: 'Blankets', ...fields });
    expect(client).toMatchObject({ id, object: 'workspace', name: 'Blankets', plan: null, ...fields });
    const path = `/v1/workspaces/${id}`;
    expect((await server.send('GET', path)).body).toEqual(client);
    expect((await server.send('GET', '/v1/workspaces?limit=1')).body.data).toEqual([client]);
    const changed = await server.send('PATCH', path, { body: { name: 'Rugs', branding: {} } });
    expect(changed.body).toMatchObject({ name: 'Rugs', branding: {}, metadata: { a: 'b' }, share: fields.share });
    expect((await server.send('DELETE', path)).body.error.code).toBe('confirmation_required');
    expect((await server.send('DELETE', `${path}?confirm=Blankets`)).status).toBe(409);
    expect((await server.send('DELETE', `${path}?confirm=Rugs`)).body).toEqual({
      id,
      object: 'workspace',
      deleted: true,
    });
    expect((await server.send('GET', path)).status).toBe(404);
    expect((await server.send('DELETE', `${path}?confirm=Rugs`)).status).toBe(404);
  });

  it('share the quota where nothing is said', async () => {
    const { client } = await makeClient();
    expect(client).toMatchObject({ plan: null, share: { messages_per_month: null, warn_at: null } });
  });

  it.each([
    ['a plan that there is not', { plan: 'huge' }, 'plan'],
    ['a plan and a share', { plan: 'slow', share: { messages_per_month: 1 } }, 'share'],
    ['a warning above the share', { share: { messages_per_month: 1, warn_at: 2 } }, 'share.warn_at'],
    ['a share below nothing', { share: { messages_per_month: -1 } }, 'share.messages_per_month'],
    ['a field that nobody knows', { parent_id: 'ws_x' }, 'parent_id'],
    ['a name of blanks', { name: ' ' }, 'name'],
  ])('are refused with %s', async (_what, fields, param) => {
    const { status, body } = await server.send('POST', '/v1/workspaces', { body: { name: 'x', ...fields } });
    expect([status, body.error.param]).toEqual([400, param]);
    const { id } = await makeClient();
    expect((await server.send('PATCH', `/v1/workspaces/${id}`, { body: fields })).status).toBe(400);
  });

  it('have no clients, and do not see their agency', async () => {
    const { headers, key } = await makeClient();
    for (const request of [{ headers }, { key }]) {
      const refused = await server.send('POST', '/v1/workspaces', { ...request, body: { name: 'x' } });
      expect(refused).toMatchObject({ status: 403, body: { error: { code: 'insufficient_scope' } } });
      expect((await server.send('GET', '/v1/workspaces', request)).body.data).toEqual([]);
      expect((await server.send('GET', `/v1/workspaces/${agency()}`, request)).status).toBe(404);
    }
  });

  it('are made once with one Idempotency-Key', async () => {
    const request = { body: { name: 'Once' }, headers: { 'idempotency-key': 'one-client' } };
    const [one, other] = [
      await server.send('POST', '/v1/workspaces', request),
      await server.send('POST', '/v1/workspaces', request),
    ];
    expect(other.body).toEqual(one.body);
    expect(other.headers.get('idempotent-replayed')).toBe('true');
  });

  it('are kept in the audit log of their agency', async () => {
    const { id } = await makeClient({ name: 'Noted' });
    await server.send('PATCH', `/v1/workspaces/${id}`, { body: { metadata: {} } });
    await server.send('DELETE', `/v1/workspaces/${id}?confirm=Noted`);
    const rows = await server.query(`select action, workspace_id from audit_log where target = '${id}' order by id`);
    expect(rows.map((row) => [row['action'], row['workspace_id']])).toEqual([
      ['workspace.create', agency()],
      ['workspace.update', agency()],
      ['workspace.delete', agency()],
    ]);
  });
});

describe('a plan of its own', () => {
  it('limits the requests, the bots and whoever acts for the client', async () => {
    const slow = await makeClient({ plan: 'slow' });
    const answers = [];
    for (let count = 0; count < 3; count++) {
      answers.push((await server.send('GET', '/v1/bots', { headers: slow.headers })).status);
    }
    // making its key was the first
    expect(answers).toEqual([200, 200, 429]);
    expect((await server.send('GET', '/v1/bots', { key: slow.key })).status).toBe(429);
    expect((await server.send('GET', '/v1/bots')).status).toBe(200);
    const single = await makeClient({ plan: 'single' });
    await makeBotIn(single.headers);
    const second = await server.send('POST', '/v1/bots', { key: single.key, body: { name: 'Second' } });
    expect(second.body.error.code).toBe('plan_limit_reached');
  });

  it('is one of those that are listed', async () => {
    const { body } = await server.send('GET', '/v1/plans');
    expect(body.data.map(({ id, default: isDefault }: Record<string, unknown>) => [id, isDefault])).toEqual([
      ['test', true],
      ['slow', false],
      ['single', false],
    ]);
    const page = (await server.send('GET', '/v1/plans?limit=1&after=test')).body;
    expect(page).toMatchObject({ data: [{ id: 'slow' }], has_more: true, first_id: 'slow', last_id: 'slow' });
    expect((await server.send('GET', '/v1/plans?after=gone')).body.error).toMatchObject({ param: 'after' });
    expect(body.data[1]).toMatchObject({ object: 'plan', name: 'slow', requests_per_minute: 3, warn_at: null });
    const { body: limited } = await server.send('POST', '/v1/keys', { body: { name: 'x', scopes: ['chat'] } });
    expect((await server.send('GET', '/v1/plans', { key: limited.secret })).status).toBe(403);
  });
});

describe('acting for a client', () => {
  const actingWith = async (wanted: Record<string, unknown>) => {
    const { body: key } = await server.send('POST', '/v1/keys', { body: { name: 'Agent', ...wanted } });
    return key.secret as string;
  };

  it('works in the client alone, with the scopes of the key', async () => {
    const { headers, key: ownKey } = await makeClient();
    const key = await actingWith({ scopes: ['workspaces:write', 'bots:write'] });
    const made = await server.send('POST', '/v1/bots', { key, headers, body: { name: 'Its bot' } });
    expect(made.status).toBe(201);
    expect((await server.send('GET', `/v1/bots/${made.body.id}`, { key: ownKey })).status).toBe(200);
    expect((await server.send('GET', `/v1/bots/${made.body.id}`)).status).toBe(404);
    expect((await server.send('GET', '/v1/bots', { key, headers })).status).toBe(403);
  });

  it('needs the scope, and a key that is not limited to bots', async () => {
    const { headers } = await makeClient();
    const withoutScope = await actingWith({ scopes: ['bots:read'] });
    const limited = await actingWith({ scopes: ['all'], bot_ids: [await makeBotIn({})] });
    for (const key of [withoutScope, limited]) {
      const { status, body } = await server.send('GET', '/v1/bots', { key, headers });
      expect([status, body.error.code]).toEqual([403, 'insufficient_scope']);
    }
  });

  it('stays in test mode with a test key', async () => {
    const { headers } = await makeClient();
    const bot = await makeBotIn(headers);
    const key = await actingWith({ type: 'test', scopes: ['all'] });
    const body = { bot_id: bot, message: 'Hi' };
    const { body: turn } = await server.send('POST', '/v1/chat', { key, headers, body });
    expect(turn).toMatchObject({ status: 'completed', usage: { messages: 0 } });
  });

  it('has Idempotency-Keys of each client apart', async () => {
    const clients = [await makeClient(), await makeClient()];
    const ids = new Set<string>();
    for (const { headers } of clients) {
      const request = { headers: { ...headers, 'idempotency-key': 'same' }, body: { name: 'Bot' } };
      for (let count = 0; count < 2; count++) ids.add((await server.send('POST', '/v1/bots', request)).body.id);
    }
    expect(ids.size).toBe(2);
  });

  it('makes keys that end with the one that made them', async () => {
    const { headers } = await makeClient();
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const key = await actingWith({ scopes: ['all'], expires_at: expiresAt });
    const body = { name: 'Short', scopes: ['chat'] };
    const made = await server.send('POST', '/v1/keys', { key, headers, body });
    expect(made).toMatchObject({ status: 201, body: { expires_at: expiresAt } });
  });
});

describe('between workspaces', () => {
  it('foreign and unknown ids are alike, in the header and in the path, for every kind of key', async () => {
    const [own, sibling] = [await makeClient(), await makeClient()];
    const answers = [];
    for (const [key, named] of [
      // an agency's key: unknown, malformed, its own workspace
      [undefined, newId('ws')],
      [undefined, 'nonsense'],
      [undefined, ''],
      [undefined, agency()],
      // a client's key: its agency, a sibling, itself, unknown
      [own.key, agency()],
      [own.key, sibling.id],
      [own.key, own.id],
      [own.key, newId('ws')],
    ] as const) {
      const headers = { 'parley-workspace': named };
      answers.push(await server.send('GET', '/v1/bots', { ...(key === undefined ? {} : { key }), headers }));
    }
    for (const id of [agency(), sibling.id, own.id, newId('ws')]) {
      answers.push(await server.send('GET', `/v1/workspaces/${id}`, { key: own.key }));
      answers.push(await server.send('PATCH', `/v1/workspaces/${id}`, { key: own.key, body: { name: 'Taken' } }));
      answers.push(await server.send('DELETE', `/v1/workspaces/${id}?confirm=Client`, { key: own.key }));
    }
    expect(answers).toHaveLength(20);
    const expected = { ...answers[0]?.body, instance: '' };
    expect(expected.error.code).toBe('not_found');
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect({ ...body, instance: '' }).toEqual(expected);
    }
  });

  it("a client's key reaches nothing of its agency and its siblings, and they nothing of it but by acting for it", async () => {
    const [own, sibling] = [await makeClient(), await makeClient()];
    const chat = async (bot: string, request: { key?: string; headers?: Record<string, string> }) =>
      (await server.send('POST', '/v1/chat', { ...request, body: { bot_id: bot, message: 'Hi' } })).body;
    const places = [];
    for (const place of [{ headers: {} }, { headers: sibling.headers }, { headers: own.headers }]) {
      const bot = await makeBotIn(place.headers);
      places.push({ bot, turn: await chat(bot, place) });
    }
    const [ofAgency, ofSibling, ofOwn] = places;
    const pathsOf = ({ bot, turn }: { bot: string; turn: { id: string; conversation_id: string } }) => [
      ['GET', `/v1/bots/${bot}`],
      ['PATCH', `/v1/bots/${bot}`],
      ['DELETE', `/v1/bots/${bot}`],
      ['GET', `/v1/bots/${bot}/sources`],
      ['GET', `/v1/conversations/${turn.conversation_id}`],
      ['DELETE', `/v1/conversations/${turn.conversation_id}`],
      ['GET', `/v1/turns/${turn.id}`],
      ['GET', `/v1/turns/${turn.id}/stream`],
      ['POST', `/v1/turns/${turn.id}/cancel`],
    ];
    const statuses = async (place: typeof ofAgency, key?: string) =>
      Promise.all(
        pathsOf(place!).map(async ([method, path]) => {
          const body = method === 'PATCH' ? { body: { tone: 'x' } } : {};
          return (await server.send(method!, path!, { ...(key === undefined ? {} : { key }), ...body })).status;
        }),
      );
    for (const [place, key] of [
      [ofAgency, own.key],
      [ofSibling, own.key],
      [ofOwn, sibling.key],
      [ofOwn, undefined],
    ] as const) {
      expect(new Set(await statuses(place, key))).toEqual(new Set([404]));
    }
    const { body } = await server.send('POST', '/v1/chat', {
      key: own.key,
      body: { bot_id: ofAgency?.bot, message: 'Hi' },
    });
    expect(body.error.code).toBe('not_found');
  });
});

describe('deleting a client while it is in use', () => {
  /** Every table that belongs to workspaces, as the database itself tells. */
  const tablesOfTenants = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const table of await server.tables()) {
      try {
        await server.query(`select workspace_id from "${table}" limit 1`);
        found.push(table);
      } catch {
        // it has no such column
      }
    }
    return found;
  };

  /** Tables that still know the workspace. */
  const rowsLeft = async (id: string): Promise<string[]> => {
    const left: string[] = [];
    for (const table of await tablesOfTenants()) {
      const rows = await server.query(`select workspace_id from "${table}" where workspace_id = '${id}' limit 1`);
      if (rows.length > 0) left.push(table);
    }
    const rows = await server.query(`select id from workspaces where id = '${id}'`);
    return rows.length > 0 ? [...left, 'workspaces'] : left;
  };

  it('knows every table that belongs to a workspace', async () => {
    expect((await tablesOfTenants()).toSorted()).toEqual(Object.keys(tenantTables).toSorted());
  });

  it('while messages go on coming leaves no reservation with the agency, and its counter is its charges', async () => {
    const { id, headers, key } = await makeClient({ name: 'Busy' });
    const bots = await Promise.all(Array.from({ length: 3 }, () => makeBotIn(headers)));
    const gone = new AbortController();
    let answered = 0;
    const caller = async (at: number): Promise<Set<number>> => {
      const statuses = new Set<number>();
      // goes on past the deletion, until it is refused
      for (let count = 0; !(gone.signal.aborted && statuses.has(401)); count++) {
        const body = { bot_id: bots[at % bots.length], message: 'Hi', user_id: `user-${at}-${count % 3}` };
        const { status, body: turn } = await server.send('POST', '/v1/chat', { key, body });
        statuses.add(status);
        if (status === 200) answered += turn.usage.messages;
      }
      return statuses;
    };
    const callers = Array.from({ length: 12 }, (_, at) => caller(at));
    await expect.poll(() => answered, { timeout: 25_000 }).toBeGreaterThan(40);
    expect((await server.send('DELETE', `/v1/workspaces/${id}?confirm=Busy`)).status).toBe(200);
    gone.abort();
    const statuses = new Set((await Promise.all(callers)).flatMap((each) => [...each]));
    // a message that was under way may find its conversation or its bot gone
    expect([...statuses].filter((status) => ![200, 401, 404].includes(status))).toEqual([]);
    await expect.poll(() => rowsLeft(id), { timeout: 25_000 }).toEqual([]);
    const [counter] = await server.query(`select used, reserved from quota_periods where owner_id = '${agency()}'`);
    const [charged] = await server.query(
      `select sum(messages) as sum from quota_ledger where owner_id = '${agency()}'`,
    );
    expect([Number(counter?.['used']), Number(counter?.['reserved'])]).toEqual([Number(charged?.['sum']), 0]);
    expect(Number(counter?.['used'])).toBeGreaterThanOrEqual(answered);
  });

  it('ends its turns, refuses its keys, gives back what it held, and leaves no row', async () => {
    const { id, headers, key } = await makeClient({ name: 'Leaving', share: { messages_per_month: 50 } });
    const bot = await makeBotIn(headers);
    await server.send('PATCH', `/v1/bots/${bot}`, { headers, body: { quota: { messages_per_month: 40 } } });
    const source = { type: 'text', title: 'Delivery', text: 'We deliver to Batumi.' };
    await server.send('POST', `/v1/bots/${bot}/sources`, { headers, body: source });
    const chat = { bot_id: bot, message: 'Hi', user_id: 'leaving' };
    const finished = await server.send('POST', '/v1/chat', {
      key,
      headers: { 'idempotency-key': 'leaving' },
      body: chat,
    });
    expect(finished.status).toBe(200);
    const usedBefore = (await server.send('GET', '/v1/usage')).body.messages.used as number;

    provider.use((call: ProviderCall) => call.say('half of'));
    const stream = (user: string) =>
      server.open('POST', '/v1/chat', { key, body: { ...chat, user_id: user, stream: true } });
    const running = await Promise.all(['a', 'b', 'c'].map(stream));
    await Promise.all(running.map((reader) => reader.until('reply.delta')));
    const waiting = await stream('a');
    await waiting.until('turn.queued');
    expect((await server.send('GET', '/v1/usage')).body.messages.reserved).toBe(4);

    expect((await server.send('DELETE', `/v1/workspaces/${id}?confirm=Leaving`)).status).toBe(200);
    expect((await server.send('GET', '/v1/bots', { key })).body.error.code).toBe('invalid_api_key');
    expect((await server.send('GET', '/v1/bots', { headers })).status).toBe(404);
    for (const reader of [...running, waiting]) await reader.until('turn.cancelled');
    provider.use(saying('Yes, of course.'));

    await expect.poll(() => rowsLeft(id), { timeout: 15_000 }).toEqual([]);
    const { body } = await server.send('GET', '/v1/usage');
    expect(body.messages.reserved).toBe(0);
    expect(body.messages.used).toBeGreaterThanOrEqual(usedBefore);
    // a second look comes when everybody has forgotten the workspace
    const jobs = await server.query(`select payload from jobs where kind = 'purge-workspace' and status = 'waiting'`);
    expect(jobs.filter(({ payload }) => String(payload).includes(id))).toHaveLength(1);
  });
});
