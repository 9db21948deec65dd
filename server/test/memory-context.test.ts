import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What is remembered with models whose context is small: the provider refuses what does not fit into it. */

const smallContext = 4_096;

let provider: ScriptedProvider;
let server: Server;
let refused: number;
let contextTokens: number;

const isFactCall = ({ messages }: ProviderCall): boolean =>
  messages[0]?.content.includes('note the lasting facts') ?? false;
const isSummaryCall = ({ messages }: ProviderCall): boolean =>
  messages[0]?.content.includes('keep the summary') ?? false;
const isMemoryCall = (call: ProviderCall): boolean => isFactCall(call) || isSummaryCall(call);
const isTooLong = ({ messages, maxTokens }: ProviderCall): boolean =>
  messages.reduce((sum, { content }) => sum + countTokens(content), maxTokens ?? 0) > contextTokens;

/** The facts that stand in what a model is shown: a word behind each name. */
const factsIn = (text: string): string => {
  const facts = text.split(/^Message (?=\d+:$)/m).flatMap((part) => {
    const [, message, name, value] = /^(\d+):\n> My (\w+) is (\w+)/.exec(part) ?? [];
    return message === undefined ? [] : { message: Number(message), name, value, confidence: 0.9 };
  });
  return JSON.stringify({ facts });
};

beforeEach(async () => {
  refused = 0;
  contextTokens = smallContext;
  provider = await startScriptedProvider((call, count) => {
    if (isTooLong(call)) {
      refused += 1;
      call.fail(400);
      return;
    }
    const asked = call.messages.at(-1)?.content ?? '';
    return saying(isFactCall(call) ? factsIn(asked) : isSummaryCall(call) ? 'They spoke of wool.' : 'Good day.')(
      call,
      count,
    );
  });
  server = await boot({ providerUrl: provider.url, memoryQuietMs: 1, plan: { memory_messages: 6 } });
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

/** A conversation that was brought in, and one turn behind it, which sets off what is to be remembered. */
const talk = async (bot: string, said: readonly string[]): Promise<string> => {
  const { body } = await server.send('POST', '/v1/conversations', { body: { bot_id: bot, user_id: 'anna' } });
  const messages = said.flatMap((content) => [
    { role: 'user', content },
    { role: 'assistant', content: `You said: ${content}` },
  ]);
  await server.send('POST', `/v1/conversations/${body.id}/messages`, { body: { messages } });
  await server.send('POST', '/v1/chat', { body: { bot_id: bot, conversation_id: body.id, message: 'Hello' } });
  return body.id as string;
};
const factsOf = async (): Promise<string[]> =>
  ((await server.send('GET', '/v1/users/anna')).body.facts as { name: string; value: string }[])
    .map(({ name, value }) => `${name} ${value}`)
    .toSorted();
const summaryOf = async (conversation: string): Promise<unknown> =>
  (await server.query(`select summary from conversation_memories where conversation_id = '${conversation}'`))[0]?.[
    'summary'
  ];

it.each([
  { what: 'of words', rest: 'and it goes on and on about blankets of wool, ' },
  { what: 'of lines', rest: 'wool\n\n' },
  { what: 'in a script of many tokens', rest: '毛毯很暖和。' },
])('a bot of a small context remembers long messages $what', async ({ rest }) => {
  const bot = await server.makeBot({ context_tokens: smallContext });
  const said = Array.from({ length: 12 }, (_, at) =>
    `My thing${at} is value${at}. ${rest.repeat(1_000)}`.slice(0, 3_500),
  );
  const conversation = await talk(bot, said);
  await expect.poll(factsOf).toEqual(said.map((_, at) => `thing${at} value${at}`).toSorted());
  await expect.poll(() => summaryOf(conversation)).toBe('They spoke of wool.');
  expect(refused).toBe(0);
  // one message of many does not need a question of its own
  expect(provider.calls.filter(isFactCall).length).toBeLessThanOrEqual(4);
});

it('the context of the smallest model of the chain is what counts', async () => {
  // sizes that are known of their names
  contextTokens = 8_192;
  const bot = await server.makeBot({ model: 'test/gpt-5', fallback_models: ['test/gpt-4'] });
  const said = Array.from({ length: 20 }, (_, at) =>
    `My thing${at} is value${at}. ${'A word about wool. '.repeat(300)}`.slice(0, 4_000),
  );
  await talk(bot, said);
  await expect.poll(factsOf).toContain('thing19 value19');
  const largest = Math.max(
    ...provider.calls.filter(isMemoryCall).map(({ messages }) => countTokens(messages.at(-1)!.content)),
  );
  expect(largest).toBeGreaterThan(3_000);
  expect(refused).toBe(0);
});

it('long messages are folded although they are few at once', async () => {
  const bot = await server.makeBot({ context_tokens: smallContext, memory: { messages: 40 } });
  const conversation = await talk(
    bot,
    Array.from({ length: 30 }, () => 'A word about wool. '.repeat(150)),
  );
  await expect.poll(() => summaryOf(conversation)).toBe('They spoke of wool.');
});
