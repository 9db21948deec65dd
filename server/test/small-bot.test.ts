import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { boot, type Server } from './boot.ts';

/** A bot that knows two things, as one has after the quickstart. */

let server: Server;
let bot: string;

beforeAll(async () => {
  server = await boot();
  bot = await server.makeBot();
  const items = [{ question: 'Can I return a blanket?', answer: 'Yes, within 30 days, if it is unused.' }];
  await server.send('POST', `/v1/bots/${bot}/sources`, { body: { type: 'faq', title: 'Returns', items } });
  const text = 'Delivery costs 8 lari, and nothing above 100 lari. We deliver within two working days.';
  await server.send('POST', `/v1/bots/${bot}/sources`, { body: { type: 'text', title: 'Delivery', text } });
  await vi.waitUntil(
    async () => {
      const { body } = await server.send('GET', `/v1/bots/${bot}/sources`);
      return (body.data as { status: string }[]).every(({ status }) => status === 'ready');
    },
    { timeout: 15_000 },
  );
});
afterAll(() => server.close());

const best = async (query: string): Promise<{ text: string; score: number } | undefined> => {
  const { body } = await server.send('POST', `/v1/bots/${bot}/search`, { body: { query } });
  const [first] = body.data as { text: string; score: number }[];
  return first && { text: first.text, score: first.score };
};

// below 0.1, the `min_score` of a new bot, a model is not shown it
test.each([
  ['How long does delivery take?', 'two working days'],
  ['How fast do you deliver?', 'two working days'],
  ["what's your return policy", '30 days'],
  ['Is delivery free?', '100 lari'],
  ['Can I return it?', '30 days'],
])('finds what answers %j with a score that lets it be shown', async (question, words) => {
  const found = await best(question);
  expect(found?.text).toContain(words);
  expect(found?.score).toBeGreaterThan(0.1);
});

test.each(['Who won the world cup?', 'What is the capital of France?', 'How many days are in a year?'])(
  'shows nothing for %j',
  async (question) => {
    expect((await best(question))?.score ?? 0).toBeLessThan(0.1);
  },
);
