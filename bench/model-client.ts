/**
 * CPU of the model client per reply, against an OpenAI-compatible server that answers from memory.
 *
 *     node bench/model-client.ts http://127.0.0.1:9100/v1 [replies] [at once]
 *
 * Prints milliseconds of CPU (user and system) of this process per reply, streamed and not, as medians of rounds.
 */
import { createOpenAiCompatible } from '../server/src/model/openai-compatible/client.ts';
import type { ChatModel, ChatModelRequest } from '../server/src/core/turn/chat-model.ts';

const [baseUrl = 'http://127.0.0.1:9100/v1', replies = '2000', atOnce = '16'] = process.argv.slice(2);
const ROUNDS = 5;

const question = { seq: 1, role: 'user', text: 'Do you ship to Batumi?', tokens: 7 } as const;
const request = (stream: boolean): ChatModelRequest => ({
  model: 'mock-1',
  context: {
    bot: { name: 'Shop', language: 'auto', greeting: 'Hello', fallback: 'I do not know.' },
    instructions: 'You answer for a shop in Tbilisi.',
    facts: [],
    known: [],
    summary: null,
    recall: [],
    passages: [],
    history: Array.from({ length: 20 }, (_, index) => ({ ...question, role: index % 2 === 0 ? 'user' : 'assistant' })),
    messages: [question],
    inlineCitations: false,
  },
  temperature: null,
  maxReplyTokens: null,
  stream,
  timeouts: { connectMs: 5000, firstTokenMs: 30_000, idleMs: 20_000, totalMs: 300_000 },
  signal: new AbortController().signal,
});

const round = async (client: ChatModel, stream: boolean): Promise<number> => {
  let left = Number(replies);
  let pieces = 0;
  const before = process.cpuUsage();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await client.reply(request(stream), () => (pieces += 1));
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, worker));
  const { user, system } = process.cpuUsage(before);
  if (pieces === 0) throw new Error('the server sent no text');
  return (user + system) / 1000 / Number(replies);
};

const client = createOpenAiCompatible({ baseUrl, key: null });
const times: Record<'streamed' | 'whole', number[]> = { streamed: [], whole: [] };
for (let index = 0; index <= ROUNDS; index += 1) {
  const streamed = await round(client, true);
  const whole = await round(client, false);
  // The first round warms up.
  if (index > 0) {
    times.streamed.push(streamed);
    times.whole.push(whole);
  }
}
await client.close();
for (const [name, values] of Object.entries(times)) {
  const median = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  process.stdout.write(`${name}: ${median.toFixed(3)} ms CPU a reply\n`);
}
