import { erasureSchema, exportLineSchema } from '@parley/protocol/user-schemas';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { leaveTraces, tracesOf } from './leave-traces.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What is left of a person who is erased: nothing. And of everybody else: everything. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('Good day.'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot({ greeting: 'Welcome.', user_quota: { messages_per_month: 100 } });
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

type Asking = { key?: string; headers?: Record<string, string> };

const at = (userId: string, rest = ''): string => `/v1/users/${encodeURIComponent(userId)}${rest}`;
const chat = (userId: string, more: Record<string, unknown> = {}, asking: Asking = {}) =>
  server.send('POST', '/v1/chat', { ...asking, body: { bot_id: bot, message: 'Hello', user_id: userId, ...more } });
const erase = (userId: string) => server.send('DELETE', at(userId));
const receipt = async (id: string) => (await server.send('GET', `/v1/erasures/${id}`)).body;

/** The receipt once it is completed. */
const completed = async (id: string) => {
  await expect.poll(async () => (await receipt(id)).status, { timeout: 15_000 }).toBe('completed');
  return receipt(id);
};

/** Everything that a caller can leave behind, each piece with a word of its own. */
const leave = (who: string): Promise<void> => leaveTraces({ server, provider, bot }, who);

/** Which of the words are in a row of the database, whatever its table. */
const found = async (words: readonly string[]): Promise<string[]> => {
  let text = '';
  for (const table of await server.tables()) {
    for (const row of await server.query(`select * from "${table}"`)) {
      for (const value of Object.values(row)) {
        text += `${value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value)}\n`;
      }
    }
  }
  return words.filter((word) => text.includes(word));
};

it('leaves not a word of the person in the database, and every word of their neighbour', async () => {
  await leave('neighbour');
  await leave('erased');
  expect(await found(tracesOf('erased'))).toEqual(tracesOf('erased'));

  const { status, body } = await erase('USER-erased');
  expect(erasureSchema.parse(body)).toMatchObject({ object: 'erasure', user_id: 'USER-erased', users: 2 });
  expect([200, 202]).toContain(status);
  const kept = await completed(body.id);
  expect(kept).toMatchObject({
    id: body.id,
    user_id: null,
    user_id_hash: body.user_id_hash,
    conversations: 3,
    turns: 2,
    // greeting, question and answer; greeting and import; greeting, question and answer
    messages: 8,
  });
  expect(await found(tracesOf('erased'))).toEqual([]);
  expect(await found(tracesOf('neighbour'))).toEqual(tracesOf('neighbour'));
  expect(JSON.stringify(server.logged)).not.toMatch(/-(erased|neighbour)/);
});

it('hides everything at once, and a repeated request is not answered from what was kept', async () => {
  const first = (await chat('leaving', {}, { headers: { 'idempotency-key': 'once' } })).body;
  await server.send('POST', `/v1/turns/${first.id}/feedback`, {
    body: { rating: 'up' },
    headers: { 'idempotency-key': 'rate' },
  });
  await erase('leaving');
  const gone: [method: string, path: string, body?: unknown][] = [
    ['GET', at('leaving')],
    ['GET', at('leaving', '/export')],
    ['DELETE', at('leaving')],
    ['GET', `/v1/turns/${first.id}`],
    ['GET', `/v1/turns/${first.id}/stream`],
    ['GET', `/v1/turns/${first.id}/context`],
    ['GET', `/v1/conversations/${first.conversation_id}`],
    ['GET', `/v1/conversations/${first.conversation_id}/messages`],
    ['POST', '/v1/chat', { bot_id: bot, message: 'again', conversation_id: first.conversation_id }],
  ];
  for (const [method, path, body] of gone) {
    expect([path, (await server.send(method, path, { body })).status]).toEqual([path, 404]);
  }
  const rated = await server.send('POST', `/v1/turns/${first.id}/feedback`, {
    body: { rating: 'up' },
    headers: { 'idempotency-key': 'rate' },
  });
  expect(rated.status).toBe(404);
  const again = await chat('leaving', {}, { headers: { 'idempotency-key': 'once' } });
  expect(again.headers.get('idempotent-replayed')).toBeNull();
  expect(again.body.id).not.toBe(first.id);
  expect((await server.send('GET', '/v1/conversations?user_id=leaving')).body.data).toHaveLength(1);
});

it('ends what runs and waits, for whoever reads along, and lets the user come back at once', async () => {
  provider.use((call: ProviderCall) => call.say('half of'));
  const running = await server.open('POST', '/v1/chat', {
    body: { bot_id: bot, message: 'one', user_id: 'talking', stream: true },
  });
  await running.until('reply.delta');
  const waiting = await server.open('POST', '/v1/chat', {
    body: { bot_id: bot, message: 'two', user_id: 'talking', stream: true },
  });
  await waiting.until('turn.queued');
  const { body } = await erase('talking');
  await running.until('turn.cancelled');
  await waiting.until('turn.cancelled');
  await expect.poll(() => provider.calls[0]?.aborted).toBe(true);
  await completed(body.id);
  provider.use(saying('Welcome back.'));
  const back = await chat('talking');
  expect(back.body.reply.content).toBe('Welcome back.');
  expect((await server.send('GET', at('talking'))).body).toMatchObject({ counts: { conversations: 1, messages: 3 } });
  expect((await server.send('GET', '/v1/usage')).body.messages).toMatchObject({ reserved: 0 });
});

it('while the user goes on chatting, ends with one receipt and one new life', async () => {
  await chat('busy');
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () => chat('busy', { on_busy: 'merge' })),
    erase('busy'),
    ...Array.from({ length: 5 }, () => chat('busy', { on_busy: 'merge' })),
  ]);
  // who was in the middle is told that the conversation is gone
  expect(answers.map(({ status }) => status).filter((status) => ![200, 202, 404].includes(status))).toEqual([]);
  const { conversation_id: id } = (await chat('busy')).body;
  const { body } = await server.send('GET', `/v1/conversations/${id}`);
  expect(body.user_id).toBe('busy');
  expect((await server.send('GET', '/v1/usage')).body.messages).toMatchObject({ reserved: 0 });
});

it('takes charges with it that were noted by a clock that goes ahead', async () => {
  await chat('charged');
  const charges = async () => server.query("select created_at from quota_ledger where owner_id = 'user:charged'");
  expect(await charges()).toHaveLength(1);
  await server.write(`update quota_ledger set created_at = ${Date.now() + 60_000}`);
  await completed((await erase('charged')).body.id);
  expect(await charges()).toEqual([]);
});

it('in one mode leaves the other alone', async () => {
  const { body } = await server.send('POST', '/v1/keys', { body: { name: 'test', type: 'test', scopes: ['all'] } });
  await chat('both', { message: 'LIVE-WORD' });
  await chat('both', { message: 'TEST-WORD' }, { key: body.secret });
  const erased = await server.send('DELETE', at('both'), { key: body.secret });
  // a receipt is of its mode too
  expect((await server.send('GET', `/v1/erasures/${erased.body.id}`)).status).toBe(404);
  await expect.poll(() => found(['LIVE-WORD', 'TEST-WORD']), { timeout: 15_000 }).toEqual(['LIVE-WORD']);
  expect((await server.send('GET', at('both'))).body.counts).toEqual({ conversations: 1, messages: 3 });
});

it('takes what was deleted before and not removed yet with it', async () => {
  const { conversation_id: id } = (await chat('before', { message: 'DELETED-WORD' })).body;
  await chat('before', { new_conversation: true });
  const [, erased] = await Promise.all([server.send('DELETE', `/v1/conversations/${id}`), erase('before')]);
  await completed(erased.body.id);
  expect(await found(['DELETED-WORD'])).toEqual([]);
});

it('is told of by its receipt alone, which an unknown id and another workspace do not find', async () => {
  await chat('audited');
  const { body } = await erase('audited');
  const { body: log } = await server.send('GET', '/v1/audit_log?action=user.erase');
  expect(log.data).toMatchObject([{ action: 'user.erase', target: body.user_id_hash }]);
  expect((await server.send('GET', '/v1/erasures/era_01k9z3v5e8f6t9w2x4y7z0a1b3')).status).toBe(404);
});

it('an export holds everything of the person, a line each, and ends with its end', async () => {
  await leave('exported');
  await leave('neighbour');
  const response = await server.send('GET', at('LINKED-exported', '/export'));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
  const lines = response.text
    .trimEnd()
    .split('\n')
    .map((line) => exportLineSchema.parse(JSON.parse(line)));
  const turn = ['turn', 'turn_context'];
  const charged = lines.filter(({ object }) => object === 'ledger_entry').map(() => 'ledger_entry');
  expect(lines.map(({ object }) => object)).toEqual([
    ...'export user user user_link'.split(' '),
    ...'conversation message message message'.split(' '),
    ...turn,
    ...'conversation message message'.split(' '),
    ...'conversation message message message'.split(' '),
    ...turn,
    ...charged,
    'export_end',
  ]);
  expect(lines.at(-1)).toEqual({ object: 'export_end', lines: lines.length - 1 });
  // of a key and of a fact that was removed nothing is told
  const untold = new Set(['KEY-exported', 'GONE-exported']);
  const words = tracesOf('exported').filter((word) => !untold.has(word));
  expect(words.filter((word) => !response.text.includes(word))).toEqual([]);
  expect(response.text).not.toContain('neighbour');
});
