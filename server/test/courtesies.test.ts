import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
let botId: string;

const texts: [title: string, text: string][] = [
  ['Delivery', 'Delivery costs 8 lari. It takes two working days within Georgia.'],
  ['Opening hours', 'The morning shift begins at eight. The workshop is closed on Sunday.'],
  ['Lampe', 'Die Lampe Boreas in Schwarz kostet 120 Lari. Sie ist aus Messing.'],
];

beforeAll(async () => {
  server = await boot();
  const { body: bot } = await server.send('POST', '/v1/bots', {
    body: { name: 'Nino', model: 'builtin', fallback: 'I do not know that.' },
  });
  botId = bot.id;
  for (const [title, text] of texts) {
    await server.send('POST', `/v1/bots/${botId}/sources`, { body: { type: 'text', title, text } });
  }
  const statuses = async (): Promise<string[]> =>
    (await server.send('GET', `/v1/bots/${botId}/sources`)).body.data.map(({ status }: { status: string }) => status);
  await vi.waitUntil(async () => (await statuses()).every((status) => status === 'ready'), { timeout: 15_000 });
});
afterAll(() => server.close());

const search = async (query: string) =>
  (await server.send('POST', `/v1/bots/${botId}/search`, { body: { query } })).body.data[0];
const say = async (userId: string, message: string) =>
  (await server.send('POST', '/v1/chat', { body: { bot_id: botId, user_id: userId, message } })).body;

describe('a courtesy around a question weighs nothing', () => {
  it.each([
    ['What does delivery cost?', 'Hi! What does delivery cost?'],
    ['What does delivery cost?', 'Hello, what does delivery cost?'],
    ['What does delivery cost?', 'Good morning, what does delivery cost? Thank you!'],
    ['What does delivery cost?', 'Excuse me, what does delivery cost, please?'],
    ['What delivery costs?', 'Could you tell me what delivery costs?'],
    ['What delivery costs?', 'I would like to know what delivery costs.'],
    ['Was kostet Boreas in Schwarz?', 'Guten Morgen, was kostet Boreas in Schwarz?'],
  ])('"%s" is found as well by "%s"', async (plain, polite) => {
    const [alone, wrapped] = [await search(plain), await search(polite)];
    expect(wrapped.chunk_id).toBe(alone.chunk_id);
    expect(wrapped.score).toBeCloseTo(alone.score);
    const { finish_reason, reply } = await say(polite, polite);
    expect([finish_reason, reply.citations[0]?.source_id]).toEqual(['stop', alone.source_id]);
  });

  it('but counts where it is the subject', async () => {
    const { reply } = await say('levan', 'Good evening, when does the morning shift begin?');
    expect(reply.content).toContain('at eight');
  });

  it('and thanks between two questions are no question to go on from', async () => {
    await say('mariam', 'Hello, what does delivery cost?');
    await say('mariam', 'Great, thank you!');
    expect((await say('mariam', 'Hi again! And within Georgia?')).reply.content).toContain('two working days');
  });
});

it.each([
  ['Hello Nino, how are you?', 'Hello! How can I help you?'],
  ['Thanks a lot, that helped!', 'You are welcome!'],
  ['ok', 'All right! What else can I do for you?'],
  ['Yes please', 'All right! What else can I do for you?'],
  ['ok thank you bye', 'You are welcome! Goodbye!'],
])('"%s" behind an answer is not searched for an answer: "%s"', async (message, reply) => {
  await say(message, 'What does delivery cost?');
  const turn = await say(message, message);
  expect([turn.finish_reason, turn.reply.content, turn.reply.citations]).toEqual(['stop', reply, []]);
});
