import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTokenCounter } from './token-counter.ts';
import { estimateTokens } from './token-estimate.ts';

const counter = createTokenCounter();
// whoever asks before the tokenizer is loaded may get an estimate, on a machine that has much to do
beforeAll(() => vi.waitUntil(async () => (await counter.count('Hello, world!')) === 4, { timeout: 50_000 }));
afterAll(() => counter.close());

describe('a text is counted', () => {
  it.each([
    ['', 0],
    ['Hello, world!', 4],
    ['Do you ship to Batumi?', 7],
    ['Доставка три дня.', 5],
    // nine ordinary words, and no control of the tokenizer
    ['a <|endoftext|> b', 9],
  ])('%j has %i tokens', async (text, tokens) => {
    expect(await counter.count(text)).toBe(tokens);
  });

  it('many at once each get their own number', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => 'word '.repeat(index + 1));
    const counts = await Promise.all(texts.map((text) => counter.count(text)));
    expect(counts.every((count, index) => index === 0 || count > (counts[index - 1] ?? 0))).toBe(true);
  });
});

describe('a text is estimated', () => {
  it.each([
    ['with a run of letters that would take the tokenizer minutes', 'x'.repeat(500_000)],
    ['that is longer than any prompt', 'word '.repeat(300_000)],
  ])('%s', async (_name, text) => {
    expect(await counter.count(text)).toBe(estimateTokens(text));
  });

  it('where more wait than may', async () => {
    const counts = await Promise.all(Array.from({ length: 400 }, () => counter.count('Do you ship to Batumi?')));
    const estimate = estimateTokens('Do you ship to Batumi?');
    expect(counts.every((count) => count === 7 || count === estimate)).toBe(true);
  });

  it('where the counter is closed, before or while it counts', async () => {
    const closing = createTokenCounter();
    const text = 'Unglaublich 42 '.repeat(20);
    const counting = closing.count(text);
    closing.close();
    expect(await counting).toBe(estimateTokens(text));
    expect(await closing.count(text)).toBe(estimateTokens(text));
  });
});
