import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

let server: Server;
let botId: string;

const texts: [title: string, text: string][] = [
  ['Blankets', 'The wool blanket in white costs 80 lari. The wool blanket in blue costs 95 lari.'],
  ['Towels', 'The cotton towel in blue costs 12 lari. The cotton towel in white costs 9 lari.'],
  ['Decken', 'Die Wolldecke in Weiß kostet 80 Lari. Die Wolldecke in Grün kostet 97 Lari.'],
];

beforeAll(async () => {
  server = await boot();
  const { body: bot } = await server.send('POST', '/v1/bots', { body: { name: 'Shop', model: 'builtin' } });
  botId = bot.id;
  for (const [title, text] of texts) {
    await server.send('POST', `/v1/bots/${botId}/sources`, { body: { type: 'text', title, text } });
  }
  const statuses = async (): Promise<string[]> =>
    (await server.send('GET', `/v1/bots/${botId}/sources`)).body.data.map(({ status }: { status: string }) => status);
  await vi.waitUntil(async () => (await statuses()).every((status) => status === 'ready'), { timeout: 15_000 });
});
afterAll(() => server.close());

const say = async (userId: string, message: string) =>
  (await server.send('POST', '/v1/chat', { body: { bot_id: botId, user_id: userId, message } })).body;
const receiptOf = async (turnId: string) => (await server.send('GET', `/v1/turns/${turnId}/context`)).body;

describe('a follow-up', () => {
  it.each([
    ['English', 'How much is the wool blanket in white?', 'And in blue?', '95 lari'],
    ['German', 'Was kostet die Wolldecke in Weiß?', 'Und in Grün?', '97 Lari'],
  ])('is answered with its conversation, in %s', async (language, first, second, answer) => {
    await say(language, first);
    const turn = await say(language, second);
    expect(turn.reply.content).toContain(answer);
    expect(turn.finish_reason).toBe('stop');
  });

  it('says in its receipt which messages were searched for, and which passages the reply cites', async () => {
    await say('nino', 'How much is the wool blanket in white?');
    const turn = await say('nino', 'And in blue?');
    const receipt = await receiptOf(turn.id);
    const items = receipt.sections.flatMap((section: { items: unknown[] }) => section.items);
    const searched = items.filter((item: { searched?: boolean }) => item.searched);
    expect(searched).toEqual([expect.objectContaining({ text: 'How much is the wool blanket in white?' })]);
    const knowledge = receipt.sections.find(({ kind }: { kind: string }) => kind === 'knowledge');
    expect(receipt.cited).toEqual([knowledge.items[0].chunk_id]);
  });
});

it('a reply that cites nothing says so in its receipt', async () => {
  const turn = await say('levan', 'Hello');
  expect(turn.reply.citations).toEqual([]);
  expect((await receiptOf(turn.id)).cited).toEqual([]);
  const unknown = await say('levan', 'Which opera did Verdi write for Egypt in the nineteenth century?');
  expect(unknown.finish_reason).toBe('fallback');
  expect((await receiptOf(unknown.id)).cited).toEqual([]);
});
