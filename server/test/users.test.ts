import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Users as callers see them: their traits, lists, and links. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
let testKey: string;

beforeAll(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot();
  const { body } = await server.send('POST', '/v1/keys', { body: { name: 'test', type: 'test', scopes: ['all'] } });
  testKey = body.secret;
});
afterAll(async () => {
  await server.close();
  await provider.close();
});

type Asking = { key?: string; body?: unknown; headers?: Record<string, string> };

const at = (userId: string, rest = ''): string => `/v1/users/${encodeURIComponent(userId)}${rest}`;
const chat = async (userId: string, more: Record<string, unknown> = {}, asking: Asking = {}) => {
  const body = { bot_id: bot, message: 'Hello', user_id: userId, ...more };
  return server.send('POST', '/v1/chat', { ...asking, body });
};
const make = (userId: string, asking: Asking = {}) => server.send('PATCH', at(userId), { ...asking, body: {} });
const link = (userId: string, other: string, asking: Asking = {}) =>
  server.send('POST', at(userId, '/link'), { ...asking, body: { user_id: other } });
const unlink = (userId: string, other: string, asking: Asking = {}) =>
  server.send('DELETE', at(userId, `/link/${encodeURIComponent(other)}`), asking);
const conversationsOf = async (userId: string, more = ''): Promise<string[]> => {
  const { body } = await server.send('GET', `/v1/conversations?user_id=${encodeURIComponent(userId)}${more}`);
  return body.data.map((conversation: { id: string }) => conversation.id);
};
const idsOf = (answer: { body: { data: { id: string }[] } }): string[] => answer.body.data.map(({ id }) => id);

describe('a user', () => {
  it('is known from the first message on', async () => {
    expect((await server.send('GET', at('newcomer'))).status).toBe(404);
    await chat('newcomer');
    const { status, body } = await server.send('GET', at('newcomer'));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'newcomer',
      object: 'user',
      user_id: 'newcomer',
      traits: {},
      facts: [],
      linked_user_ids: [],
      counts: { conversations: 1, messages: 2 },
    });
  });

  it.each([
    'a/b',
    'a%2Fb',
    'a.b..c',
    '...',
    'ünï-ქართული-日本',
    '😀 and a blank',
    'what?x=1#y&z',
    '"quoted"+plus',
    'back\\slash',
    "'); drop table users; --",
    '😀'.repeat(128),
  ])('may be named %j', async (userId) => {
    expect((await chat(userId)).status).toBe(200);
    const { status, body } = await server.send('GET', at(userId));
    expect(status).toBe(200);
    expect(body).toMatchObject({ user_id: userId, counts: { conversations: 1 } });
    expect((await server.send('PATCH', at(userId), { body: { traits: { seen: true } } })).body.traits).toEqual({
      seen: true,
    });
    expect(await conversationsOf(userId)).toHaveLength(1);
    expect((await server.send('DELETE', at(userId))).body).toMatchObject({ user_id: userId, users: 1 });
    expect((await server.send('GET', at(userId))).status).toBe(404);
  });

  it.each([
    ['nothing', '/v1/users/%00'],
    ['a control character', '/v1/users/a%0Ab'],
    ['too much', `/v1/users/${'x'.repeat(257)}`],
  ])('cannot be named by %s', async (_what, path) => {
    expect((await server.send('GET', path)).status).toBe(404);
    expect((await server.send('PATCH', path, { body: { traits: { a: 1 } } })).status).toBe(404);
  });

  it.each([
    [{ facts: { 'shoe-size': '45', 'SHOE SIZE': '46' } }, 'facts', '`shoe-size` and `SHOE SIZE` are one name'],
    [{ facts: { city: null, ' City!': 'Batumi' } }, 'facts', '`city` and ` City!` are one name'],
    [{ facts: { '': 'x' } }, 'facts', 'A name in `facts` must not be empty.'],
    [{ facts: { '-': 'x' } }, 'facts', 'a letter or a digit'],
    [{ traits: { ['x'.repeat(65)]: 1 } }, 'traits', 'A name in `traits` must have at most 64 characters.'],
    [{ traits: { x: { y: 1 } } }, 'traits.x', '`traits.x` must be a string, a number or a boolean.'],
    [{ traits: { x: 'y'.repeat(513) } }, 'traits.x', '`traits.x` must have at most 512 characters.'],
  ])('is not changed by %j, and it is said what is wrong', async (body, param, words) => {
    await server.send('PATCH', at('unchanged'), { body: { facts: { city: 'Gori' } } });
    const answer = await server.send('PATCH', at('unchanged'), { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining(words), error: { param } });
    const { facts, traits } = (await server.send('GET', at('unchanged'))).body;
    expect({ facts, traits }).toMatchObject({ facts: [{ name: 'city', value: 'Gori' }], traits: {} });
  });

  it('cannot be named by broken escapes', async () => {
    expect((await server.send('GET', '/v1/users/%E0%A4%A')).status).toBe(400);
  });

  it('cannot be named by half of a character, which databases would take for another', async () => {
    expect((await chat('half\ud800')).status).toBe(400);
  });

  it('of the other mode is another', async () => {
    await chat('both-modes');
    expect((await server.send('GET', at('both-modes'), { key: testKey })).status).toBe(404);
    await chat('both-modes', {}, { key: testKey });
    await server.send('PATCH', at('both-modes'), { key: testKey, body: { traits: { mode: 'test' } } });
    expect((await server.send('GET', at('both-modes'))).body.traits).toEqual({});
  });

  it('cannot be seen with a key that is limited to some bots, nor without the scope', async () => {
    await chat('guarded');
    const limited = await server.send('POST', '/v1/keys', {
      body: { name: 'limited', scopes: ['users:read', 'users:write'], bot_ids: [bot] },
    });
    for (const [method, path] of [
      ['GET', '/v1/users'],
      ['GET', at('guarded')],
      ['GET', at('guarded', '/export')],
      ['DELETE', at('guarded')],
    ] as const) {
      expect((await server.send(method, path, { key: limited.body.secret })).status).toBe(403);
    }
    const reader = await server.send('POST', '/v1/keys', { body: { name: 'reader', scopes: ['users:read'] } });
    expect((await server.send('GET', at('guarded'), { key: reader.body.secret })).status).toBe(200);
    expect((await server.send('DELETE', at('guarded'), { key: reader.body.secret })).status).toBe(403);
  });
});

describe('traits', () => {
  it('are laid over those that are stored, and null removes one', async () => {
    const change = (traits: unknown) => server.send('PATCH', at('with-traits'), { body: { traits } });
    expect((await change({ plan: 'pro', seats: 3, trial: false })).status).toBe(200);
    const { body } = await change({ seats: 4.5, trial: null, '__proto__ ': 'x' });
    expect(body.traits).toEqual({ plan: 'pro', seats: 4.5, '__proto__ ': 'x' });
    expect((await server.send('GET', at('with-traits'))).body.traits).toEqual(body.traits);
  });

  it('are up to 32, of bounded size, and nothing but texts, numbers, true and false', async () => {
    const change = (traits: unknown) => server.send('PATCH', at('bounded'), { body: { traits } });
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`t${n}`, n]));
    expect((await change(many)).body.error).toMatchObject({ code: 'invalid_request', param: 'traits' });
    expect((await server.send('GET', at('bounded'))).status).toBe(404);
    for (const wrong of [{ a: {} }, { a: [1] }, { a: 'x'.repeat(513) }, { ['n'.repeat(65)]: 1 }, { '': 1 }, 7]) {
      expect((await change(wrong)).status).toBe(400);
    }
    expect((await change({ ...many, t32: null })).status).toBe(200);
    expect((await change({ one_more: 1 })).status).toBe(400);
  });
});

describe('the list of users', () => {
  it('goes newest first, in pages in both directions', async () => {
    for (let n = 0; n < 7; n++) await make(`paged-${n}`);
    const first = await server.send('GET', '/v1/users?q=paged-&limit=3');
    expect(idsOf(first)).toEqual(['paged-6', 'paged-5', 'paged-4']);
    expect(first.body).toMatchObject({ has_more: true, first_id: 'paged-6', last_id: 'paged-4' });
    const second = await server.send('GET', `/v1/users?q=paged-&limit=3&after=${first.body.last_id}`);
    expect(idsOf(second)).toEqual(['paged-3', 'paged-2', 'paged-1']);
    const back = await server.send('GET', `/v1/users?q=paged-&limit=2&before=${second.body.first_id}`);
    expect(idsOf(back)).toEqual(['paged-5', 'paged-4']);
    const all = await server.send('GET', '/v1/users?limit=2');
    expect(idsOf(all)).toEqual(['paged-6', 'paged-5']);
    expect(idsOf(await server.send('GET', `/v1/users?limit=1&after=${all.body.last_id}`))).toEqual(['paged-4']);
    expect((await server.send('GET', '/v1/users?after=nobody')).status).toBe(400);
  });

  it('is refused behind a user who was erased, and never ends there as if that were all', async () => {
    for (let n = 0; n < 3; n++) await make(`leaving-${n}`);
    expect((await server.send('DELETE', '/v1/users/leaving-1')).status).toBeLessThan(300);
    for (const param of ['after', 'before']) {
      const { status, body } = await server.send('GET', `/v1/users?q=leaving-&limit=1&${param}=leaving-1`);
      expect({ status, error: body.error }).toMatchObject({ status: 400, error: { code: 'invalid_request', param } });
    }
  });

  it('takes a prefix for what it is, letter by letter', async () => {
    for (const userId of ['Pre_1', 'Pre%2', 'pre_3', 'Pre_\u{10fffd}', 'Prf']) await make(userId);
    const found = async (q: string) =>
      idsOf(await server.send('GET', `/v1/users?q=${encodeURIComponent(q)}`)).toSorted();
    expect(await found('Pre')).toEqual(['Pre%2', 'Pre_1', 'Pre_\u{10fffd}']);
    expect(await found('Pre_')).toEqual(['Pre_1', 'Pre_\u{10fffd}']);
    expect(await found('Pre%')).toEqual(['Pre%2']);
    expect(await found('nobody begins so')).toEqual([]);
  });
});

describe('linked users', () => {
  it.each(['live', 'test'])('are one person with one history, in %s mode', async (mode) => {
    const asking: Asking = mode === 'test' ? { key: testKey } : {};
    const one = (await chat(`phone-${mode}`, {}, asking)).body.conversation_id;
    const other = (await chat(`mail-${mode}`, {}, asking)).body.conversation_id;
    const linked = await link(`phone-${mode}`, `mail-${mode}`, asking);
    expect(linked.status).toBe(200);
    expect(linked.body.linked_user_ids).toEqual([`mail-${mode}`]);
    // the one that was used last goes on, whoever writes
    expect((await chat(`phone-${mode}`, {}, asking)).body).toMatchObject({
      conversation_id: other,
      user_id: `mail-${mode}`,
    });
    expect((await chat(`mail-${mode}`, {}, asking)).body.conversation_id).toBe(other);
    for (const userId of [`phone-${mode}`, `mail-${mode}`]) {
      const { body } = await server.send('GET', `/v1/conversations?user_id=${userId}`, asking);
      expect(idsOf({ body })).toEqual([other, one]);
      expect((await server.send('GET', at(userId), asking)).body.counts).toEqual({ conversations: 2, messages: 8 });
    }
    // a conversation fits every one of them, and nobody else
    expect((await chat(`mail-${mode}`, { conversation_id: one }, asking)).status).toBe(200);
    expect((await chat(`stranger-${mode}`, { conversation_id: one }, asking)).status).toBe(404);
  });

  it('start, close and delete conversations for one another', async () => {
    const first = (await chat('team-a')).body.conversation_id;
    await make('team-b');
    await link('team-b', 'team-a');
    expect((await chat('team-b')).body.conversation_id).toBe(first);
    const second = (await chat('team-b', { new_conversation: true })).body.conversation_id;
    expect((await chat('team-a')).body).toMatchObject({ conversation_id: second, user_id: 'team-b' });
    await server.send('PATCH', `/v1/conversations/${second}`, { body: { status: 'closed' } });
    expect((await chat('team-b')).body.conversation_id).toBe(first);
    // a message opens it again, for both
    await chat('team-a', { conversation_id: second });
    expect((await chat('team-b')).body.conversation_id).toBe(second);
    await server.send('DELETE', `/v1/conversations/${second}`);
    expect((await chat('team-b')).body.conversation_id).toBe(first);
    const made = await server.send('POST', '/v1/conversations', { body: { bot_id: bot, user_id: 'team-a' } });
    expect((await chat('team-b')).body.conversation_id).toBe(made.body.id);
  });

  it('are as before when the link is taken back', async () => {
    const one = (await chat('left')).body.conversation_id;
    const other = (await chat('right')).body.conversation_id;
    await link('left', 'right');
    const during = (await chat('left', { new_conversation: true })).body.conversation_id;
    expect((await unlink('right', 'left')).body.linked_user_ids).toEqual([]);
    expect(await conversationsOf('left')).toEqual([during, one]);
    expect(await conversationsOf('right')).toEqual([other]);
    expect((await chat('right')).body.conversation_id).toBe(other);
    expect((await chat('left')).body.conversation_id).toBe(during);
    expect((await chat('left', { conversation_id: other })).status).toBe(404);
    expect((await unlink('right', 'left')).status).toBe(404);
  });

  it('who never wrote has no conversation again when the link is taken back', async () => {
    const theirs = (await chat('writer')).body.conversation_id;
    await make('silent');
    await link('writer', 'silent');
    expect((await chat('silent')).body.conversation_id).toBe(theirs);
    await unlink('writer', 'silent');
    expect((await chat('silent')).body.conversation_id).not.toBe(theirs);
  });

  it('are one person through others, and part where the links do', async () => {
    for (const userId of ['chain-a', 'chain-b', 'chain-c', 'chain-d']) await chat(userId);
    await link('chain-a', 'chain-b');
    await link('chain-c', 'chain-d');
    expect((await link('chain-b', 'chain-c')).body.linked_user_ids).toEqual(['chain-a', 'chain-c', 'chain-d']);
    expect(await conversationsOf('chain-d')).toHaveLength(4);
    expect((await unlink('chain-a', 'chain-c')).status).toBe(404);
    expect((await unlink('chain-b', 'chain-c')).body.linked_user_ids).toEqual(['chain-a']);
    expect((await server.send('GET', at('chain-c'))).body.linked_user_ids).toEqual(['chain-d']);
    expect(await conversationsOf('chain-a')).toHaveLength(2);
  });

  it('may be linked twice over, and linking again changes nothing', async () => {
    for (const userId of ['tri-a', 'tri-b', 'tri-c']) await make(userId);
    await link('tri-a', 'tri-b');
    await link('tri-b', 'tri-c');
    await link('tri-c', 'tri-a');
    expect((await link('tri-b', 'tri-a')).status).toBe(200);
    expect((await unlink('tri-a', 'tri-b')).body.linked_user_ids).toEqual(['tri-b', 'tri-c']);
    expect((await unlink('tri-c', 'tri-b')).body.linked_user_ids).toEqual(['tri-a']);
  });

  it('list and search in pages that hold every conversation once', async () => {
    const all: string[] = [];
    for (const userId of ['pages-a', 'pages-b', 'pages-c', 'pages-a', 'pages-b']) {
      all.unshift((await chat(userId, { new_conversation: true, message: `needle ${userId}` })).body.conversation_id);
    }
    await link('pages-a', 'pages-b');
    await link('pages-b', 'pages-c');
    const down: string[] = [];
    for (let page = await conversationsOf('pages-b', '&limit=2'); page.length > 0;) {
      down.push(...page);
      page = await conversationsOf('pages-b', `&limit=2&after=${page.at(-1)}`);
    }
    expect(down).toEqual(all);
    expect(await conversationsOf('pages-c', `&limit=2&before=${all[3]}`)).toEqual(all.slice(1, 3));
    expect(await conversationsOf('pages-c', '&q=needle')).toEqual(all);
    expect(await conversationsOf('pages-c', `&bot_id=${bot}&status=open`)).toEqual(all);
  });

  it('are never a user and themselves, nor somebody unknown', async () => {
    await make('lonely');
    expect((await link('lonely', 'lonely')).body.error).toMatchObject({ code: 'invalid_request', param: 'user_id' });
    expect((await link('lonely', 'nobody-by-this-name')).status).toBe(404);
    expect((await link('nobody-by-this-name', 'lonely')).status).toBe(404);
    expect((await unlink('lonely', 'nobody-by-this-name')).status).toBe(404);
    await make('lonely-in-test', { key: testKey });
    expect((await link('lonely', 'lonely-in-test')).status).toBe(404);
    expect((await link('lonely', 'lonely', { key: testKey })).status).toBe(400);
  });

  it('are at most 50', async () => {
    await make('many-0');
    for (let n = 1; n < 50; n++) {
      await make(`many-${n}`);
      expect((await link('many-0', `many-${n}`)).status).toBe(200);
    }
    await make('many-50');
    expect((await link('many-7', 'many-50')).body.error).toMatchObject({ code: 'invalid_request', param: 'user_id' });
    const { conversation_id: id } = (await chat('many-49')).body;
    expect((await chat('many-21')).body.conversation_id).toBe(id);
  });

  it('linked while both write have one current conversation afterwards', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, other] = [`race-a${round}`, `race-b${round}`];
      await make(one);
      await make(other);
      const answers = await Promise.all([
        ...Array.from({ length: 3 }, () => chat(one, { on_busy: 'merge' })),
        link(one, other),
        ...Array.from({ length: 3 }, () => chat(other, { on_busy: 'merge' })),
        chat(one, { new_conversation: true }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      const current = (await chat(one)).body.conversation_id;
      expect((await chat(other)).body.conversation_id).toBe(current);
      expect((await chat(one)).body.conversation_id).toBe(current);
    }
  });

  it('a repeated link with its Idempotency-Key gives the first answer', async () => {
    await make('again-a');
    await make('again-b');
    const headers = { 'idempotency-key': 'link-once' };
    const first = await link('again-a', 'again-b', { headers });
    const second = await link('again-a', 'again-b', { headers });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.body).toEqual(first.body);
    expect((await link('again-a', 'lonely', { headers })).status).toBe(422);
  });
});
