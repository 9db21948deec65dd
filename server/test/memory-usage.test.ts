import { afterEach, beforeEach, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { type ProviderCall, saying, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

/** What models used to remember counts, whatever became of what they said: each answer here is 100 tokens in, 7 out. */

let provider: ScriptedProvider;
let server: Server;
let bot: string;
let said: (call: ProviderCall) => string | Promise<string>;

const isMemoryCall = ({ messages }: ProviderCall): boolean =>
  /note the lasting facts|keep the summary/.test(messages[0]?.content ?? '');

beforeEach(async () => {
  said = () => '';
  provider = await startScriptedProvider(async (call, count) => {
    await saying(isMemoryCall(call) ? await said(call) : 'Good day.')(call, count);
  });
  server = await boot({ providerUrl: provider.url, memoryQuietMs: 1, plan: { memory_messages: 6 } });
  bot = await server.makeBot();
});
afterEach(async () => {
  await server.close();
  await provider.close();
});

const chat = async (fields: Record<string, unknown>): Promise<string> => {
  const { body } = await server.send('POST', '/v1/chat', { body: { bot_id: bot, message: 'Of wool.', ...fields } });
  return body.conversation_id as string;
};
const talk = async (): Promise<void> => {
  const conversation = await chat({});
  for (let turn = 1; turn < 6; turn++) await chat({ conversation_id: conversation });
};
const isAsked = () => expect.poll(() => provider.calls.some(isMemoryCall)).toBe(true);
/** Whether all that the model was asked so far is counted; it may be asked again meanwhile. */
const isCounted = async (): Promise<boolean> => {
  const { tokens } = (await server.send('GET', '/v1/usage')).body;
  const calls = provider.calls.filter(isMemoryCall).length;
  return calls > 0 && tokens.memory_input === 100 * calls && tokens.memory_output === 7 * calls;
};
const passedOver = () =>
  server.logged.filter(({ msg }) => msg === 'a message is not remembered, since the models refuse it');

it.each([
  { what: 'blank', text: '  ' },
  { what: 'without a single sign', text: '' },
])(
  'a summary that is $what is counted each time, and the log says of which message nothing was written',
  async ({ text }) => {
    said = () => text;
    await talk();
    await expect.poll(passedOver).toHaveLength(1);
    expect(passedOver()).toMatchObject([
      { memory: 'summary', messageId: expect.stringMatching(/^msg_/), code: 'nothing_written' },
    ]);
    await expect.poll(isCounted).toBe(true);
  },
);

it('an answer about facts that is none is counted', async () => {
  said = () => 'Sorry, I cannot do that.';
  await chat({ user_id: 'user-1' });
  await isAsked();
  await expect.poll(isCounted).toBe(true);
});

it('an answer is counted although its conversation was deleted meanwhile', async () => {
  const held = Promise.withResolvers<string>();
  said = () => held.promise;
  const conversation = await chat({ user_id: 'user-1' });
  await isAsked();
  expect((await server.send('DELETE', `/v1/conversations/${conversation}`)).status).toBe(200);
  held.resolve('{"facts":[{"message":1,"name":"wool","value":"wool"}]}');
  await expect.poll(isCounted).toBe(true);
});
