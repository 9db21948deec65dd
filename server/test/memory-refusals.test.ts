import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What is remembered where a model does not take what it is asked. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
/** What it does with a question that it does not take. */
let refuse: (call: ProviderCall) => void;
let isRefused: (asked: string) => boolean;

const poison = 'something unspeakable';
const askedOf = ({ messages }: ProviderCall): string => messages.at(-1)?.content ?? '';
const isFactCall = ({ messages }: ProviderCall): boolean =>
  messages[0]?.content.includes('note the lasting facts') ?? false;
const isSummaryCall = ({ messages }: ProviderCall): boolean =>
  messages[0]?.content.includes('keep the summary') ?? false;

const factsIn = (text: string): string => {
  const facts = text.split(/^Message (?=\d+:$)/m).flatMap((part) => {
    const [, message, name, value] = /^(\d+):\n> My (\w+) is (\w+)/.exec(part) ?? [];
    return message === undefined ? [] : { message: Number(message), name, value, confidence: 0.9 };
  });
  return JSON.stringify({ facts });
};
/** The numbers of all messages that a summary was asked for so far, kept in the summary itself. */
const summaryOf = (text: string): string =>
  `Of ${[...new Set([...text.matchAll(/thing(\d+)|\b(\d+);/g)].map(([, at, kept]) => at ?? kept))].map((at) => `${at};`).join(' ')}`;

beforeEach(async () => {
  refuse = (call) => call.fail(400);
  isRefused = (asked) => asked.includes(poison);
  provider = await startScriptedProvider((call, count) => {
    const isMemoryCall = isFactCall(call) || isSummaryCall(call);
    if (isMemoryCall && isRefused(askedOf(call))) {
      refuse(call);
      return;
    }
    const text = isFactCall(call) ? factsIn(askedOf(call)) : isSummaryCall(call) ? summaryOf(askedOf(call)) : 'Hm.';
    return saying(text)(call, count);
  });
  server = await boot({ providerUrl: provider.url, memoryQuietMs: 1, plan: { memory_messages: 6 } });
  bot = await server.makeBot();
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

const chat = (conversation: string, message = 'Hello') =>
  server.send('POST', '/v1/chat', { body: { bot_id: bot, conversation_id: conversation, message } });
/** A conversation that was brought in, with one turn behind it, which sets off what is to be remembered. */
const talk = async (said: readonly string[]): Promise<string> => {
  const { body } = await server.send('POST', '/v1/conversations', { body: { bot_id: bot, user_id: 'anna' } });
  const messages = said.map((content) => ({ role: 'user', content }));
  await server.send('POST', `/v1/conversations/${body.id}/messages`, { body: { messages } });
  await chat(body.id as string);
  return body.id as string;
};
const factsOf = async (): Promise<string[]> =>
  ((await server.send('GET', '/v1/users/anna')).body.facts as { name: string }[]).map(({ name }) => name).toSorted();
const summaryIn = async (conversation: string): Promise<string> =>
  String(
    (await server.query(`select summary from conversation_memories where conversation_id = '${conversation}'`))[0]?.[
      'summary'
    ],
  );
const isIdle = () =>
  expect
    .poll(() => server.query("select id from jobs where kind in ('remember-conversation', 'pack-conversation')"))
    .toEqual([]);
const passedOver = () =>
  server.logged.filter(({ msg }) => msg === 'a message is not remembered, since the models refuse it');
const things = (count: number, poisoned: number): string[] =>
  Array.from({ length: count }, (_, at) => `My thing${at} is value${at}. ${at === poisoned ? poison : ''}`);

it.each([
  { what: 'with 400', code: 'question_refused', by: (call: ProviderCall) => call.fail(400) },
  { what: 'by its filter', code: 'ended_by_filter', by: (call: ProviderCall) => call.end('content_filter') },
  { what: 'without a word', code: 'nothing_written', by: (call: ProviderCall) => call.end() },
])('one message that a model refuses $what keeps no other from being remembered', async ({ code, by }) => {
  refuse = by;
  const conversation = await talk(things(18, 7));
  const others = Array.from({ length: 18 }, (_, at) => at).filter((at) => at !== 7);
  await expect.poll(factsOf).toEqual(others.map((at) => `thing${at}`).toSorted());
  await expect.poll(() => summaryIn(conversation)).toMatch(/^Of .*6; 8; .*11;/);
  expect(await summaryIn(conversation)).not.toContain(' 7;');
  await isIdle();
  const rows = await server.query(`select id from messages where text like '%${poison}%'`);
  const place = { conversationId: conversation, messageId: rows[0]?.['id'], code };
  expect(passedOver()).toEqual([
    expect.objectContaining({ ...place, memory: 'facts' }),
    expect.objectContaining({ ...place, memory: 'summary' }),
  ]);
  expect(JSON.stringify(server.logged)).not.toContain(poison);
  // and it is paid for no more behind a later turn
  const asked = provider.calls.length;
  for (let turn = 0; turn < 9; turn++) await chat(conversation, `My later${turn} is value${turn}.`);
  await expect.poll(factsOf).toContain('later8');
  await isIdle();
  const memoryCalls = provider.calls.slice(asked).filter((call) => isFactCall(call) || isSummaryCall(call));
  expect(memoryCalls.length).toBeGreaterThan(0);
  expect(memoryCalls.filter((call) => askedOf(call).includes(poison))).toEqual([]);
});

it('a model that refuses everything is asked a few times, and not again for what it has refused', async () => {
  isRefused = () => true;
  await talk(things(1, 0));
  await isIdle();
  expect(provider.calls.filter((call) => askedOf(call).includes(poison)).length).toBeGreaterThan(0);
  const calls = provider.calls.filter((call) => isFactCall(call) || isSummaryCall(call));
  expect(calls.length).toBeLessThan(8);
});

it('a model that nobody may ask is asked once, and what it was to remember is remembered when it can be asked', async () => {
  isRefused = () => true;
  refuse = (call) => call.fail(401);
  const conversation = await talk(things(3, 1));
  await expect.poll(() => provider.calls.filter(isFactCall).length).toBeGreaterThan(0);
  await isIdle();
  expect(provider.calls.filter(isFactCall).length).toBe(1);
  expect(passedOver()).toEqual([]);
  const errors = server.logged.flatMap(({ job, err }) => (job === 'remember-conversation' ? [err] : []));
  expect(errors).toMatchObject([{ type: 'HopelessJob', message: expect.stringContaining('access_refused') }]);
  isRefused = () => false;
  await chat(conversation);
  await expect.poll(factsOf).toEqual(['thing0', 'thing1', 'thing2']);
});

it('what a model that is away could not be asked is passed over by nobody', async () => {
  isRefused = () => true;
  refuse = (call) => call.fail(503);
  await talk(things(2, 1));
  await expect
    .poll(() => server.logged.filter(({ job, msg }) => job === 'remember-conversation' && msg === 'job failed').length)
    .toBeGreaterThan(0);
  isRefused = () => false;
  await expect.poll(factsOf).toEqual(['thing0', 'thing1']);
  expect(passedOver()).toEqual([]);
});
