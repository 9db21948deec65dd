import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ScriptedProvider, saying, startScriptedProvider } from './scripted-provider.ts';

/** What is left when a conversation is deleted while it is in use: nothing. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('A reply nobody may find'));
  server = await boot({ providerUrl: provider.url });
  bot = await server.makeBot({ greeting: 'Welcome, guest' });
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

const chat = (body: Record<string, unknown>) => server.send('POST', '/v1/chat', { body: { bot_id: bot, ...body } });
const stream = (body: Record<string, unknown>) =>
  server.open('POST', '/v1/chat', { body: { bot_id: bot, stream: true, ...body } });

type Started = { conversation_id: string };

/** Tables with a row that names the conversation or one of its turns, but for the charges, which stay. */
const rowsNaming = async (ids: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const table of await server.tables()) {
    if (['quota_ledger', 'audit_log', 'jobs'].includes(table)) continue;
    const rows = await server.query(`select * from "${table}"`);
    const naming = rows.filter((row) => Object.values(row).some((value) => ids.includes(value as string)));
    found.push(...naming.map(() => table));
  }
  return found;
};

it('ends what runs and waits for its readers, charges nothing for it, and removes every row', async () => {
  const finished = (await chat({ message: 'A question nobody may find', user_id: 'leaving' })).body;
  const { conversation_id: id } = finished;
  // a model that says nothing yet: text that was stored would be charged
  provider.use(() => {});
  const running = await stream({ message: 'and another', user_id: 'leaving' });
  await running.until('turn.started');
  await expect.poll(() => provider.calls.length).toBe(2);
  const waiting = await stream({ message: 'and a third', user_id: 'leaving' });
  await waiting.until('turn.queued');
  const turnIds = [finished.id, running.events[0]?.data.turn_id, waiting.events[0]?.data.turn_id];
  expect((await rowsNaming([id, ...turnIds])).length).toBeGreaterThan(8);

  expect((await server.send('DELETE', `/v1/conversations/${id}`)).status).toBe(200);
  expect((await running.until('turn.cancelled')).data.usage.messages).toBe(0);
  expect((await waiting.until('turn.cancelled')).data.usage.messages).toBe(0);
  await expect.poll(() => provider.calls[1]?.aborted).toBe(true);
  await expect.poll(() => rowsNaming([id, ...turnIds])).toEqual([]);

  expect((await server.send('GET', `/v1/turns/${finished.id}`)).status).toBe(404);
  const usage = (await server.send('GET', '/v1/usage')).body.messages;
  expect(usage).toMatchObject({ used: 1, reserved: 0 });
});

it.each([
  { what: 'the conversation', path: (turn: Started) => `/v1/conversations/${turn.conversation_id}` },
  { what: 'the user', path: () => '/v1/users/leaving' },
  { what: 'the bot', path: () => `/v1/bots/${bot}?confirm=Bot` },
])('tells a reader what a reply was charged that the deletion of $what broke off', async ({ path }) => {
  provider.use((call) => call.say('Half of a reply'));
  const running = await stream({ message: 'A long one, please', user_id: 'leaving' });
  const { data: started } = await running.until('turn.started');
  const isKept = async () => (await server.query('select partial_text from turns')).every((row) => row['partial_text']);
  await expect.poll(isKept).toBe(true);
  expect((await server.send('DELETE', path(started as Started))).status).toBeLessThan(300);
  expect((await running.until('turn.cancelled')).data.usage.messages).toBe(1);
  expect((await server.send('GET', '/v1/usage')).body.messages).toMatchObject({ used: 1, reserved: 0 });
  const { data: charges } = (await server.send('GET', '/v1/usage/ledger')).body;
  expect(charges).toMatchObject([{ turn_id: started.turn_id, messages: 1 }]);
});

it('is not answered and charged again under its Idempotency-Key, before its rows are gone and after', async () => {
  const ask = (headers: Record<string, string> = {}) =>
    server.send('POST', '/v1/chat', {
      body: { bot_id: bot, message: 'once', user_id: 'careful' },
      headers: { 'idempotency-key': 'k1', ...headers },
    });
  const first = (await ask()).body;
  const calls = provider.calls.length;
  // as between the mark and the job
  await server.write(`update conversations set deleted_at = 1 where id = '${first.conversation_id}'`);
  const answers = [await ask(), await ask({ prefer: 'respond-async' })];
  await server.write(`update conversations set deleted_at = null where id = '${first.conversation_id}'`);
  await server.send('DELETE', `/v1/conversations/${first.conversation_id}`);
  answers.push(await ask());
  await expect.poll(() => rowsNaming([first.conversation_id, first.id])).toEqual([]);
  answers.push(await ask(), await ask({ prefer: 'respond-async' }), await ask({ accept: 'text/event-stream' }));
  expect(answers.map(({ status, body }) => [status, body.error?.code])).toEqual(answers.map(() => [404, 'not_found']));
  expect(provider.calls).toHaveLength(calls);
  expect((await server.send('GET', '/v1/usage')).body.messages).toMatchObject({ used: 1, reserved: 0 });
});

it("starts the user's next message afresh, or in their latest other conversation", async () => {
  const first = (await chat({ message: 'one', user_id: 'returning' })).body.conversation_id;
  const second = (await chat({ message: 'two', user_id: 'returning', new_conversation: true })).body.conversation_id;
  expect(second).not.toBe(first);
  await server.send('DELETE', `/v1/conversations/${second}`);
  expect((await chat({ message: 'three', user_id: 'returning' })).body.conversation_id).toBe(first);
  await server.send('DELETE', `/v1/conversations/${first}`);
  const fresh = (await chat({ message: 'four', user_id: 'returning' })).body.conversation_id;
  expect([first, second]).not.toContain(fresh);
  const { body } = await server.send('GET', `/v1/conversations/${fresh}`);
  expect(body.messages.data.map((message: { content: string }) => message.content)).toEqual([
    'A reply nobody may find',
    'four',
    'Welcome, guest',
  ]);
});
