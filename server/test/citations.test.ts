import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { sourcesOf } from './read-sources.ts';
import { saying, type Script, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** Citations apart from the text, as a caller sees them. */

// one for each test: a model that says nothing often is not asked for a while
let provider: ScriptedProvider;
let server: Server;

beforeEach(async () => {
  provider = await startScriptedProvider(saying('Hello.'));
  server = await boot({ providerUrl: provider.url });
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

const makeBot = async (settings: Record<string, unknown> = {}): Promise<string> => {
  const botId = await server.makeBot({ model: 'test/any', ...settings });
  const sources = sourcesOf(server);
  await sources.add(botId, { type: 'text', title: 'Aurora', text: 'The blanket Aurora is made of wool.' });
  await sources.add(botId, { type: 'text', title: 'Care', text: 'The blanket Aurora is washed at 30 degrees.' });
  return botId;
};
const ask = async (botId: string, body: Record<string, unknown> = {}) =>
  server.send('POST', '/v1/chat', { body: { bot_id: botId, message: 'What is the blanket Aurora made of?', ...body } });
const stream = async (botId: string) => {
  const read = await server.open('POST', '/v1/chat', {
    body: { bot_id: botId, message: 'What is the blanket Aurora made of?', stream: true },
  });
  await read.done;
  const deltas = read.events.filter(({ event }) => event === 'reply.delta');
  return { text: deltas.map(({ data }) => (data as { text: string }).text).join(''), last: read.events.at(-1) };
};

/** A letter at a time, so that every mark is divided. */
const spelling =
  (text: string): Script =>
  (call) => {
    for (const letter of text) call.say(letter);
    call.end();
  };

it('marks are taken out in all their spellings, with what they leave, and those that name nothing too', async () => {
  const botId = await makeBot();
  provider.use(spelling('Of wool【1】. Do you mean Aurora? [2][9]. See [source 1], [2] and [1†source].'));
  const content = 'Of wool. Do you mean Aurora? See.';
  const { body: turn } = await ask(botId);
  expect(turn.reply.content).toBe(content);
  expect(turn.reply.citations.map(({ index }: { index: number }) => index)).toEqual([1, 2]);
  const { text, last } = await stream(botId);
  expect(text).toBe(content);
  expect(last?.data).toMatchObject({ reply: { content } });
});

it('marks stay as they were written where the bot wants them in the text', async () => {
  const botId = await makeBot({ knowledge: { citations: 'inline' } });
  const said = 'Of wool [1]. Do you mean Aurora? [2][9].';
  provider.use(spelling(said));
  const { text, last } = await stream(botId);
  expect([text, last?.event]).toEqual([said, 'turn.completed']);
});

it.each([
  ['a mark', '[1]'],
  ['marks between blanks', '\n [1] [2].\n'],
  ['nothing but blanks', ' \n '],
])('a reply of %s alone is none: the model is asked again, and then the turn has failed', async (_what, said) => {
  const botId = await makeBot();
  const used = await usage();
  const before = provider.calls.length;
  provider.use(spelling(said));
  const answer = await ask(botId);
  expect([answer.status, answer.body.error.code]).toEqual([502, 'model_error']);
  expect(provider.calls.length - before).toBe(2);
  const { text, last } = await stream(botId);
  expect([text, last?.event]).toEqual(['', 'turn.failed']);
  expect(await usage()).toBe(used);
});

it('a second try whose reply has words is the reply', async () => {
  const botId = await makeBot();
  const tries = [' [1]', 'Of wool [1].'];
  provider.use((call, number) => spelling(tries.shift() ?? 'Too often')(call, number));
  const { text, last } = await stream(botId);
  expect(last).toMatchObject({ event: 'turn.completed', data: { reply: { content: text }, usage: { messages: 1 } } });
  expect(text).toBe('Of wool.');
});

it('a bot with a fallback says it where no reply has a word', async () => {
  const botId = await makeBot({ on_model_failure: 'fallback', fallback: 'Please ask us by mail.' });
  provider.use(saying('[1]'));
  const { body: turn } = await ask(botId);
  expect(turn).toMatchObject({
    status: 'completed',
    finish_reason: 'model_fallback',
    reply: { content: 'Please ask us by mail.', citations: [] },
    usage: { messages: 0 },
  });
});

const usage = async (): Promise<number> => (await server.send('GET', '/v1/usage')).body.messages.used as number;
