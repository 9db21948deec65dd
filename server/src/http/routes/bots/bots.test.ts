import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HttpHarness, startHttp } from '../../../../test/http-harness.ts';
import { newId } from '../../../kit/id.ts';

let api: HttpHarness;

beforeAll(async () => {
  const plan = {
    messagesPerMonth: 10,
    warnAt: null,
    requestsPerMinute: null,
    memoryMessages: 10,
    concurrentStreams: 1,
  };
  api = await startHttp({ plans: [{ ...plan, name: 'one-bot', bots: 1 }] });
});
afterAll(() => api.close());

const makeBot = async (body: Record<string, unknown> = {}) =>
  (await api.send('POST', '/v1/bots', { body: { name: 'Shop', ...body } })).body;

test('a bot needs nothing but a name', async () => {
  const { status, body, headers } = await api.send('POST', '/v1/bots', { body: { name: 'Shop' } });
  expect(status).toBe(201);
  expect(headers.get('etag')).toBe('"1"');
  expect(body).toMatchObject({ object: 'bot', name: 'Shop', version: 1, language: 'auto', model: 'builtin' });
  expect(body).toMatchObject({ on_busy: 'queue', on_model_failure: 'error', memory: { recall_tokens: 2000 } });
  expect((await api.send('GET', `/v1/bots/${body.id}`)).body).toEqual(body);
});

test('every field of a bot comes back as it was sent', async () => {
  const fields = {
    name: 'Shop',
    business_description: 'Blankets.',
    instructions: 'Be brief.',
    tone: 'formal',
    language: 'pt-BR',
    greeting: 'Olá!',
    fallback: 'Não sei.',
    model: 'local/llama',
    fallback_models: ['local/other', 'builtin'],
    on_model_failure: 'fallback',
    context_tokens: 8_000,
    temperature: 0.2,
    max_reply_tokens: 300,
    memory: { messages: 4, summary: false, facts: false, recall_tokens: 0 },
    knowledge: { top_k: 3, min_score: 0.5, citations: 'inline' },
    on_busy: 'merge',
    branding: { colour: '#123456' },
    metadata: { shop: '7' },
  };
  expect(await makeBot(fields)).toMatchObject(fields);
});

test.each([
  ['a name that is missing', {}, 'invalid_request', 'name'],
  ['a name that is too long', { name: 'x'.repeat(201) }, 'invalid_request', 'name'],
  ['a name of blanks', { name: ' \t' }, 'invalid_request', 'name'],
  ['a fallback of blanks', { name: 'x', fallback: ' \n ' }, 'invalid_request', 'fallback'],
  ['a greeting of blanks', { name: 'x', greeting: ' ' }, 'invalid_request', 'greeting'],
  ['an unknown field', { name: 'x', nmae: 'y' }, 'unknown_field', 'nmae'],
  ['an unknown field inside another', { name: 'x', memory: { mesages: 3 } }, 'unknown_field', 'memory.mesages'],
  ['a value out of range', { name: 'x', temperature: 3 }, 'invalid_request', 'temperature'],
  ['a model without a provider', { name: 'x', model: 'gpt' }, 'invalid_request', 'model'],
  ['a provider that is not configured', { name: 'x', model: 'nobody/gpt' }, 'invalid_request', 'model'],
  ['a fallback that was tried', { name: 'x', fallback_models: ['builtin'] }, 'invalid_request', 'fallback_models.0'],
  ['a language that is none', { name: 'x', language: 'english please' }, 'invalid_request', 'language'],
])('%s is refused, and the refusal names the field', async (_what, body, code, param) => {
  const answer = await api.send('POST', '/v1/bots', { body });
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ code, param });
  expect(answer.body.detail).toContain(param);
});

test('a change makes a new version, and a change that changes nothing does not', async () => {
  const bot = await makeBot({ memory: { messages: 4 } });
  const first = await api.send('PATCH', `/v1/bots/${bot.id}`, { body: { memory: { summary: false } } });
  expect(first.headers.get('etag')).toBe('"2"');
  expect(first.body).toMatchObject({ version: 2, memory: { messages: 4, summary: false } });
  const second = await api.send('PATCH', `/v1/bots/${bot.id}`, { body: { memory: { summary: false }, name: 'Shop' } });
  expect(second.body.version).toBe(2);
  const stored = await api.store.readers.bots.findVersion(api.workspaceId, bot.id, 1);
  expect(stored?.config.memory.summary).toBe(true);
});

test('If-Match lets only one of two changes to the same version through', async () => {
  const bot = await makeBot();
  const change = (tone: string) =>
    api.send('PATCH', `/v1/bots/${bot.id}`, { body: { tone }, headers: { 'if-match': '"1"' } });
  const answers = await Promise.all([change('warm'), change('cool')]);
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 412]);
  expect((await api.send('GET', `/v1/bots/${bot.id}`)).body.version).toBe(2);
  const malformed = await api.send('PATCH', `/v1/bots/${bot.id}`, { body: {}, headers: { 'if-match': 'latest' } });
  expect(malformed.body.error).toMatchObject({ code: 'invalid_request', param: 'If-Match' });
});

test('a change is seen by the next turn: the cache forgets the bot', async () => {
  const bot = await makeBot();
  expect((await api.bots.find(api.workspaceId, bot.id))?.config.tone).not.toBe('dry');
  await api.send('PATCH', `/v1/bots/${bot.id}`, { body: { tone: 'dry' } });
  expect((await api.bots.find(api.workspaceId, bot.id))?.config.tone).toBe('dry');
  await api.send('DELETE', `/v1/bots/${bot.id}`);
  expect(await api.bots.find(api.workspaceId, bot.id)).toBeNull();
});

test('a bot with conversations is deleted only under its own name', async () => {
  const bot = await makeBot({ name: 'Precious' });
  await api.send('POST', '/v1/conversations', { body: { bot_id: bot.id } });
  const bare = await api.send('DELETE', `/v1/bots/${bot.id}`);
  expect(bare.status).toBe(409);
  expect(bare.body.error.code).toBe('confirmation_required');
  const wrong = await api.send('DELETE', `/v1/bots/${bot.id}?confirm=precious`);
  expect(wrong.status).toBe(409);
  const right = await api.send('DELETE', `/v1/bots/${bot.id}?confirm=Precious`);
  expect(right).toMatchObject({ status: 200, body: { id: bot.id, object: 'bot', deleted: true } });
  expect((await api.send('GET', `/v1/bots/${bot.id}`)).status).toBe(404);
  const jobs = (await api.query('select kind, payload from jobs')).map(
    ({ kind, payload }) => `${String(kind)} ${String(payload)}`,
  );
  expect(jobs).toContain(`purge-bot {"botId":"${bot.id}"}`);
});

test('a bot without conversations needs no confirmation', async () => {
  const bot = await makeBot();
  expect((await api.send('DELETE', `/v1/bots/${bot.id}`)).status).toBe(200);
});

test('the list goes on where a page ended, in both directions', async () => {
  const workspaceId = await api.makeWorkspace();
  const { secret: key } = await api.makeKey({ workspaceId });
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c'])
    ids.unshift((await api.send('POST', '/v1/bots', { key, body: { name } })).body.id);
  const first = await api.send('GET', '/v1/bots?limit=2', { key });
  expect(first.body).toMatchObject({ object: 'list', has_more: true, first_id: ids[0], last_id: ids[1] });
  const second = await api.send('GET', `/v1/bots?limit=2&after=${ids[1]}`, { key });
  expect(second.body).toMatchObject({ has_more: false, first_id: ids[2], last_id: ids[2] });
  const back = await api.send('GET', `/v1/bots?limit=2&before=${ids[2]}`, { key });
  expect(back.body).toMatchObject({ has_more: false, first_id: ids[0], last_id: ids[1] });
  const both = await api.send('GET', `/v1/bots?before=${ids[2]}&after=${ids[0]}`, { key });
  expect(both.body.error).toMatchObject({ code: 'invalid_request', param: 'before' });
});

test.each(['limit=0', 'limit=101', 'limit=ten', 'limit=1.5', 'after=nobody', 'page=2'])(
  'the query %s is refused',
  async (query) => {
    expect((await api.send('GET', `/v1/bots?${query}`)).status).toBe(400);
  },
);

test('the plan limits the number of bots, and a deleted one makes room', async () => {
  const workspaceId = await api.makeWorkspace('one-bot');
  const { secret: key } = await api.makeKey({ workspaceId });
  const first = await api.send('POST', '/v1/bots', { key, body: { name: 'only' } });
  const refused = await api.send('POST', '/v1/bots', { key, body: { name: 'one too many' } });
  expect(refused).toMatchObject({ status: 403, body: { error: { code: 'plan_limit_reached' } } });
  await api.send('DELETE', `/v1/bots/${first.body.id}`, { key });
  expect((await api.send('POST', '/v1/bots', { key, body: { name: 'next' } })).status).toBe(201);
});

test("another workspace's bot, an unknown one and one outside the key's limit answer alike", async () => {
  const bot = await makeBot();
  const { secret: stranger } = await api.makeKey({ workspaceId: await api.makeWorkspace() });
  const { secret: limited } = await api.makeKey({ botIds: [(await makeBot()).id] });
  const answers = await Promise.all([
    api.send('GET', `/v1/bots/${bot.id}`, { key: stranger }),
    api.send('GET', `/v1/bots/${bot.id}`, { key: limited }),
    api.send('GET', `/v1/bots/${newId('bot')}`),
  ]);
  for (const { status, body } of answers) {
    expect(status).toBe(404);
    expect({ ...body, instance: '' }).toEqual({ ...answers[2].body, instance: '' });
  }
  expect((await api.send('GET', '/v1/bots', { key: limited })).body.data).toHaveLength(1);
  expect((await api.send('POST', '/v1/bots', { key: limited, body: { name: 'x' } })).status).toBe(403);
});

test('a key without the scope is refused with its name', async () => {
  const { secret: key } = await api.makeKey({ scopes: ['bots:read'] });
  const { status, body } = await api.send('POST', '/v1/bots', { key, body: { name: 'x' } });
  expect(status).toBe(403);
  expect(body.error.code).toBe('insufficient_scope');
  expect(body.detail).toContain('bots:write');
});
