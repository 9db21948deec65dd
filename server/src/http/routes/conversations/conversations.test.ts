import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';
import { acceptTurn } from '../../../../test/store-suite/store-under-test.ts';
import { newId } from '../../../kit/id.ts';

let api: HttpHarness;

beforeAll(async () => {
  api = await startHttp();
});
afterAll(() => api.close());

const makeBot = async (body: Record<string, unknown> = {}): Promise<string> =>
  (await api.send('POST', '/v1/bots', { body: { name: 'Shop', ...body } })).body.id;

const make = async (body: Record<string, unknown> = {}, key?: string) =>
  (
    await api.send('POST', '/v1/conversations', {
      body: { bot_id: await makeBot(), ...body },
      ...(key === undefined ? {} : { key }),
    })
  ).body;

const listIds = async (query: string, key?: string): Promise<string[]> => {
  const { body } = await api.send('GET', `/v1/conversations?${query}`, key === undefined ? {} : { key });
  return body.data.map((conversation: { id: string }) => conversation.id);
};

const importAll = (id: string, messages: unknown[]) =>
  api.send('POST', `/v1/conversations/${id}/messages`, { body: { messages } });

describe('creating a conversation', () => {
  it("starts with the bot's greeting, which is the first message", async () => {
    const botId = await makeBot({ greeting: 'გამარჯობა!' });
    const { status, body } = await api.send('POST', '/v1/conversations', {
      body: { bot_id: botId, user_id: 'customer-42', metadata: { order: '7' } },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      object: 'conversation',
      bot_id: botId,
      user_id: 'customer-42',
      channel: 'api',
      status: 'open',
      mode: 'live',
      metadata: { order: '7' },
      messages: { object: 'list', has_more: false },
    });
    expect(body.messages.data).toMatchObject([{ role: 'assistant', content: 'გამარჯობა!', turn_id: null }]);
    expect((await api.send('GET', `/v1/conversations/${body.id}`)).body).toEqual(body);
  });

  it('is empty without a greeting, and anonymous without a user', async () => {
    expect(await make()).toMatchObject({ user_id: null, messages: { data: [], first_id: null } });
  });

  it("is where the user's next message goes", async () => {
    const first = await make({ user_id: 'visitor' });
    const second = await make({ bot_id: first.bot_id, user_id: 'visitor' });
    const accepted = await acceptTurn(api, api.workspaceId, { botId: first.bot_id, userId: 'visitor' });
    expect(accepted.turn.conversationId).toBe(second.id);
  });

  it('knows its user from then on, once', async () => {
    const { bot_id } = await make({ user_id: 'known' });
    await make({ bot_id, user_id: 'known' });
    expect(await api.query("select user_id, person_id from users where user_id = 'known'")).toEqual([
      { user_id: 'known', person_id: 'known' },
    ]);
  });

  it.each([
    ['a bot that does not exist', { bot_id: newId('bot') }, 404, 'not_found'],
    ['no bot', { bot_id: undefined }, 400, 'invalid_request'],
    ['an empty user id', { user_id: '' }, 400, 'invalid_request'],
    ['an unknown field', { userid: 'x' }, 400, 'unknown_field'],
  ])('refuses %s', async (_what, body, status, code) => {
    const answer = await api.send('POST', '/v1/conversations', { body: { bot_id: await makeBot(), ...body } });
    expect(answer).toMatchObject({ status, body: { error: { code } } });
  });
});

describe('reading conversations', () => {
  it('gives as many of the latest messages as are asked for, newest first', async () => {
    const { id } = await make();
    const sent = ['one', 'two', 'three'].map((content) => ({ role: 'user', content }));
    await importAll(id, sent);
    const read = async (query: string) => (await api.send('GET', `/v1/conversations/${id}${query}`)).body.messages;
    const texts = (list: { data: { content: string }[] }) => list.data.map(({ content }) => content);
    expect(texts(await read(''))).toEqual(['three', 'two', 'one']);
    const two = await read('?messages=2');
    expect(texts(two)).toEqual(['three', 'two']);
    expect(two).toMatchObject({ has_more: true, first_id: two.data[0].id, last_id: two.data[1].id });
    expect(await read('?messages=0')).toMatchObject({ data: [], has_more: true });
    expect((await api.send('GET', `/v1/conversations/${id}?messages=101`)).status).toBe(400);
  });

  it('lists messages page by page, and goes back', async () => {
    const { id } = await make();
    await importAll(
      id,
      ['1', '2', '3', '4', '5'].map((content) => ({ role: 'user', content })),
    );
    const page = async (query: string) =>
      (await api.send('GET', `/v1/conversations/${id}/messages?limit=2${query}`)).body;
    const first = await page('');
    const second = await page(`&after=${first.last_id}`);
    const back = await page(`&before=${second.first_id}`);
    expect(first.data.map((message: { content: string }) => message.content)).toEqual(['5', '4']);
    expect(second.data.map((message: { content: string }) => message.content)).toEqual(['3', '2']);
    expect(second.has_more).toBe(true);
    expect(back.data).toEqual(first.data);
    expect((await page(`&after=${first.last_id}&before=${first.last_id}`)).error.code).toBe('invalid_request');
  });

  it('lists conversations by filters', async () => {
    const botId = await makeBot();
    const one = await make({ bot_id: botId, user_id: 'filter-user' });
    const two = await make({ bot_id: botId });
    await api.send('PATCH', `/v1/conversations/${two.id}`, { body: { status: 'human' } });
    await importAll(two.id, [{ role: 'user', content: 'Where is my Parcel?' }]);
    expect(await listIds(`bot_id=${botId}`)).toEqual([two.id, one.id]);
    expect(await listIds(`bot_id=${botId}&limit=1&after=${two.id}`)).toEqual([one.id]);
    expect(await listIds('user_id=filter-user')).toEqual([one.id]);
    expect(await listIds(`bot_id=${botId}&status=human`)).toEqual([two.id]);
    expect(await listIds(`bot_id=${botId}&channel=telegram`)).toEqual([]);
    expect(await listIds(`bot_id=${botId}&q=parcel`)).toEqual([two.id]);
    expect((await api.send('GET', '/v1/conversations?stauts=open')).body.error.code).toBe('unknown_field');
  });
});

describe('importing messages', () => {
  it('keeps roles, order and times, and charges nothing', async () => {
    const { id } = await make();
    const answer = await importAll(id, [
      { role: 'user', content: 'Hello', created_at: '2020-05-01T10:00:00+02:00' },
      { role: 'assistant', content: 'Hi', created_at: '2020-05-01T08:00:01Z' },
      { role: 'human', content: 'A person here' },
      { role: 'system', content: 'Closed for the night' },
    ]);
    expect(answer.status).toBe(201);
    expect(answer.body.data).toMatchObject([
      { role: 'user', created_at: '2020-05-01T08:00:00.000Z', turn_id: null },
      { role: 'assistant', created_at: '2020-05-01T08:00:01.000Z' },
      { role: 'human' },
      { role: 'system' },
    ]);
    const { body } = await api.send('GET', `/v1/conversations/${id}/messages`);
    expect(body.data).toEqual(answer.body.data.toReversed());
    expect(await api.query(`select tokens from messages where conversation_id = '${id}' and tokens < 1`)).toEqual([]);
    expect(await api.query('select * from quota_ledger')).toEqual([]);
  });

  it('imports once for one Idempotency-Key', async () => {
    const { id } = await make();
    const request = {
      body: { messages: [{ role: 'user', content: 'once' }] },
      headers: { 'idempotency-key': 'import-1' },
    };
    const first = await api.send('POST', `/v1/conversations/${id}/messages`, request);
    const second = await api.send('POST', `/v1/conversations/${id}/messages`, request);
    expect(second.body).toEqual(first.body);
    expect((await api.send('GET', `/v1/conversations/${id}/messages`)).body.data).toHaveLength(1);
  });

  it('takes 500 messages at once and refuses one more', async () => {
    const { id } = await make();
    const messages = Array.from({ length: 501 }, (_, at) => ({ role: 'user', content: `message ${at}` }));
    expect(await importAll(id, messages)).toMatchObject({ status: 400, body: { error: { param: 'messages' } } });
    expect((await importAll(id, messages.slice(1))).status).toBe(201);
    const { body } = await api.send('GET', `/v1/conversations/${id}?messages=1`);
    expect(body.messages.data[0].content).toBe('message 500');
  });

  it('counts characters, not the halves that an emoji is stored in', async () => {
    const { id } = await make();
    const content = '\u{1f44b}'.repeat(16_000);
    expect((await importAll(id, [{ role: 'user', content }])).status).toBe(201);
    expect(await importAll(id, [{ role: 'user', content: `${content}!` }])).toMatchObject({
      status: 400,
      body: { error: { code: 'message_too_long' }, detail: 'The message has 16001 characters; 16000 are allowed.' },
    });
  });

  it.each([
    [
      'a text that is too long',
      { role: 'user', content: 'x'.repeat(16_001) },
      'message_too_long',
      'messages.0.content',
    ],
    ['an empty text', { role: 'user', content: '' }, 'invalid_request', 'messages.0.content'],
    ['an unknown role', { role: 'bot', content: 'x' }, 'invalid_request', 'messages.0.role'],
    [
      'a time without a zone',
      { role: 'user', content: 'x', created_at: '2020-01-01T00:00:00' },
      'invalid_request',
      'messages.0.created_at',
    ],
  ])('refuses %s and stores nothing', async (_what, message, code, param) => {
    const { id } = await make();
    const answer = await importAll(id, [message, { role: 'user', content: 'fine' }]);
    expect(answer).toMatchObject({ status: 400, body: { error: { code, param } } });
    expect((await api.send('GET', `/v1/conversations/${id}`)).body.messages.data).toEqual([]);
  });
});

describe('changing a conversation', () => {
  const patch = (id: string, body: unknown) => api.send('PATCH', `/v1/conversations/${id}`, { body });

  it('sets and removes pairs of metadata and leaves the others', async () => {
    const { id } = await make({ metadata: { keep: '1', change: '2', drop: '3', empty: '4' } });
    const { body } = await patch(id, { metadata: { change: 'x', drop: null, empty: '', add: 'y' } });
    expect(body.metadata).toEqual({ keep: '1', change: 'x', add: 'y' });
    expect((await api.send('GET', `/v1/conversations/${id}`)).body.metadata).toEqual(body.metadata);
  });

  it('refuses to hold more than 16 pairs', async () => {
    const { id } = await make({ metadata: Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`n${at}`, 'x'])) });
    const answer = await patch(id, { metadata: { more: 'y' } });
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'metadata' } } });
    expect((await patch(id, { metadata: { more: 'y', n0: null } })).status).toBe(200);
  });

  it('moves the status and notes the time', async () => {
    const created = await make();
    for (const status of ['human', 'closed', 'open']) {
      const { body } = await patch(created.id, { status });
      expect(body).toMatchObject({ status, created_at: created.created_at });
      expect(Date.parse(body.updated_at)).toBeGreaterThanOrEqual(Date.parse(created.updated_at));
    }
    expect((await patch(created.id, { status: 'gone' })).body.error.param).toBe('status');
  });
});

describe('deleting a conversation', () => {
  it('makes it invisible at once, ends its turns and leaves the rest to a job', async () => {
    const { id, bot_id } = await make({ user_id: 'leaving' });
    const accepted = await acceptTurn(api, api.workspaceId, { botId: bot_id, userId: 'leaving' });
    expect(accepted.turn.conversationId).toBe(id);
    const answer = await api.send('DELETE', `/v1/conversations/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { id, object: 'conversation', deleted: true } });
    for (const path of ['', '/messages']) {
      expect((await api.send('GET', `/v1/conversations/${id}${path}`)).status).toBe(404);
    }
    expect(await listIds('user_id=leaving')).toEqual([]);
    expect((await importAll(id, [{ role: 'user', content: 'late' }])).status).toBe(404);
    expect((await api.send('PATCH', `/v1/conversations/${id}`, { body: { status: 'open' } })).status).toBe(404);
    expect((await api.send('DELETE', `/v1/conversations/${id}`)).status).toBe(404);
    expect(await api.query(`select status, fence from turns where id = '${accepted.turn.id}'`)).toEqual([
      { status: 'cancelled', fence: 2 },
    ]);
    expect(await api.query(`select kind from jobs where dedupe_key = 'purge-conversation:${id}'`)).toEqual([
      { kind: 'purge-conversation' },
    ]);
    expect(await api.query(`select action, target from audit_log where target = '${id}'`)).toEqual([
      { action: 'conversation.delete', target: id },
    ]);
  });
});

describe('who sees what', () => {
  const everyRoute = (id: string): [method: string, path: string, body?: unknown][] => [
    ['GET', `/v1/conversations/${id}`],
    ['GET', `/v1/conversations/${id}/messages`],
    ['POST', `/v1/conversations/${id}/messages`, { messages: [{ role: 'user', content: 'x' }] }],
    ['PATCH', `/v1/conversations/${id}`, { status: 'closed' }],
    ['DELETE', `/v1/conversations/${id}`],
  ];

  it('answers the same 404 to another workspace, another mode and a key for other bots, on every route', async () => {
    const { id, bot_id } = await make({ user_id: 'mine' });
    const strangers = [
      await api.makeKey({ workspaceId: await api.makeWorkspace() }),
      await api.makeKey({ type: 'test' }),
      await api.makeKey({ botIds: [await makeBot()] }),
    ];
    for (const { secret: key } of strangers) {
      for (const [method, path, body] of everyRoute(id)) {
        const answer = await api.send(method, path, { key, body });
        expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
        expect(answer.text).not.toContain(bot_id);
      }
      expect(await listIds('user_id=mine', key)).toEqual([]);
      expect(await listIds('', key)).toEqual([]);
    }
    expect((await api.send('GET', `/v1/conversations/${id}`)).body.status).toBe('open');
  });

  it('keeps test conversations to test keys', async () => {
    const { secret } = await api.makeKey({ type: 'test' });
    const conversation = await make({ user_id: 'tester' }, secret);
    expect(conversation.mode).toBe('test');
    expect(await listIds('user_id=tester', secret)).toEqual([conversation.id]);
    expect(await listIds('user_id=tester')).toEqual([]);
    expect((await api.send('GET', `/v1/conversations/${conversation.id}`)).status).toBe(404);
  });

  it('shows a key that is limited to some bots those conversations, and starts none with others', async () => {
    const [own, other] = [await makeBot(), await makeBot()];
    const { secret: key } = await api.makeKey({ botIds: [own] });
    const conversation = await make({ bot_id: own });
    await make({ bot_id: other });
    expect(await listIds('', key)).toEqual([conversation.id]);
    expect(await listIds(`bot_id=${other}`, key)).toEqual([]);
    const answer = await api.send('POST', '/v1/conversations', { key, body: { bot_id: other } });
    expect(answer.body.error.code).toBe('not_found');
  });

  it('needs the scope to read and the scope to write', async () => {
    const { id } = await make();
    const { secret: reader } = await api.makeKey({ scopes: ['conversations:read'] });
    const { secret: writer } = await api.makeKey({ scopes: ['conversations:write'] });
    for (const [method, path, body] of everyRoute(id)) {
      const refused = method === 'GET' ? writer : reader;
      expect((await api.send(method, path, { key: refused, body })).body.error.code).toBe('insufficient_scope');
    }
  });
});
