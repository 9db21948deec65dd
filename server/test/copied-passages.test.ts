import { afterAll, beforeAll, expect, it } from 'vitest';
import { boot, type Server } from './boot.ts';
import { sourcesOf } from './read-sources.ts';

/** The same text in several sources takes one place of those that a bot is shown. */

let server: Server;
let sources: ReturnType<typeof sourcesOf>;

beforeAll(async () => {
  server = await boot();
  sources = sourcesOf(server);
});
afterAll(() => server.close());

const copy = 'A parcel to Batumi costs five lari, and a parcel to Batumi takes two days.';
const others = ['To Kutaisi a parcel costs four lari.', 'A parcel may weigh thirty kilograms at most.'];

/** More copies than are read of any question at first, and others behind them. */
const fill = async (botId: string, copies: number): Promise<void> => {
  const added = await Promise.all(
    [...Array.from({ length: copies }, () => copy), ...others].map((text, at) =>
      server.send('POST', `/v1/bots/${botId}/sources`, { body: { type: 'text', title: `Part ${at}`, text } }),
    ),
  );
  for (const { body } of added) await sources.settled(botId, body.id as string);
};

it.each([3, 45])('of %i copies a model is shown one, and the others are told in the receipt', async (copies) => {
  const botId = await server.makeBot({ knowledge: { top_k: 3, min_score: 0, citations: 'separate' } });
  await fill(botId, copies);
  const { body: turn } = await server.send('POST', '/v1/chat', {
    body: { bot_id: botId, message: 'What does a parcel to Batumi cost?', user_id: 'copies' },
  });
  expect(turn.reply.content).toContain('five lari');
  const { body: receipt } = await server.send('GET', `/v1/turns/${turn.id}/context`);
  const knowledge = receipt.sections.find(({ kind }: { kind: string }) => kind === 'knowledge');
  const texts = knowledge.items.map(({ text }: { text: string }) => text.split('\n')[1]);
  expect(texts[0]).toBe(copy);
  expect(texts.toSorted()).toEqual([copy, ...others].toSorted());
  const left = receipt.left_out.filter(({ reason }: { reason: string }) => reason === 'duplicate');
  expect(left).toHaveLength(Math.min(copies - 1, 40));
  expect(left[0]).toMatchObject({ kind: 'knowledge', chunk_id: expect.stringMatching(/^chunk_/) as string });
  const shown = new Set(knowledge.items.map(({ chunk_id }: { chunk_id: string }) => chunk_id));
  expect(left.some(({ chunk_id }: { chunk_id: string }) => shown.has(chunk_id))).toBe(false);

  const found = await sources.search(botId, 'What does a parcel to Batumi cost?');
  expect(found.map(({ text }) => text).toSorted()).toEqual([copy, ...others].toSorted());
});
