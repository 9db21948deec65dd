import { expect, test } from 'vitest';
import { estimateTokens } from '../../kit/token-estimate.ts';
import type { Bot } from '../bot/bot.ts';
import { ModelRefusal } from './model-refusal.ts';
import { foldSummary } from './fold-summary.ts';

const conversation = { workspaceId: 'ws_a', mode: 'live', botId: 'bot_a', channel: 'api' } as const;

/** What becomes of an answer of the model. */
const fold = async (text: string, finishReason: 'stop' | 'length' = 'stop') =>
  foldSummary(
    {
      roomBeside: () => Promise.resolve(10_000),
      ask: () => Promise.resolve({ text, model: 'test/any', finishReason }),
    },
    // whoever answers here does not look at it
    {} as Bot,
    { conversation, summary: null, messages: [], signal: new AbortController().signal },
  );

test('a summary that is short enough stays as it is', async () => {
  expect(await fold('They spoke of wool. It is grey.')).toEqual({
    text: 'They spoke of wool. It is grey.',
    tokens: estimateTokens('They spoke of wool. It is grey.'),
    model: 'test/any',
  });
});

test('one that is too long ends with a sentence', async () => {
  const { text, tokens } = await fold('It went on and on about wool. '.repeat(500).trim());
  expect(text).toMatch(/^(It went on and on about wool\. ?)+$/);
  expect(text.endsWith('.')).toBe(true);
  expect(tokens).toBe(estimateTokens(text));
  expect(tokens).toBeLessThanOrEqual(400);
  expect(tokens).toBeGreaterThan(380);
});

test.each([
  { what: 'a list without an end', text: 'blankets, '.repeat(2_000), end: /^(blankets, )+blankets,?…$/ },
  {
    what: 'a short sentence before it',
    text: `Here it is. ${'Wool and '.repeat(2_000)}`,
    end: /^Here it is\. .* (and|Wool)…$/,
  },
  { what: 'a script without spaces', text: '毛毯'.repeat(2_000), end: /^(毛毯)+毛?…$/ },
  { what: 'nothing but signs in two halves', text: '🧶'.repeat(2_000), end: /^(🧶)+…$/u },
])('one that is too long ends with a word where no sentence does: $what', async ({ text, end }) => {
  const folded = await fold(text);
  expect(folded.text).toMatch(end);
  expect(folded.text.isWellFormed()).toBe(true);
  expect(folded.tokens).toBeLessThanOrEqual(400);
  expect(folded.tokens).toBeGreaterThan(370);
});

test('an empty one says why, by a code that a log may show', async () => {
  await expect(fold('')).rejects.toThrow(ModelRefusal);
  await expect(fold('')).rejects.toMatchObject({ code: 'nothing_written' });
  await expect(fold('', 'length')).rejects.toMatchObject({ code: 'ended_by_length' });
});
