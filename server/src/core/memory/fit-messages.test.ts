import { expect, test } from 'vitest';
import { estimateTokens } from '../../kit/token-estimate.ts';
import { fitMessages, quoteLines } from './fit-messages.ts';
import type { RememberedMessage } from './memory-store.ts';

const saying = (text: string, seq = 1): RememberedMessage => ({
  seq,
  id: `msg_${seq}`,
  role: 'user',
  text,
  tokens: estimateTokens(text),
  createdAt: 0,
});
const many = (text: string, count: number) => Array.from({ length: count }, (_, at) => saying(text, at + 1));
const tokensOf = (messages: readonly RememberedMessage[]): number =>
  messages.reduce((sum, { text }) => sum + estimateTokens(quoteLines(text)), 0);

test('short messages are read as many as fit, word for word', () => {
  const messages = many('I live in Batumi.', 100);
  expect(fitMessages(messages, 10_000)).toEqual(messages);
  const some = fitMessages(messages, 300);
  expect(some).toEqual(messages.slice(0, some.length));
  expect(some.length).toBeGreaterThan(15);
  expect(tokensOf(some)).toBeLessThanOrEqual(300);
});

test.each([
  ['of words', 'wool and more wool '.repeat(2_000)],
  ['of empty lines', '\n'.repeat(9_000)],
  ['of signs in two halves', '🧶'.repeat(4_000)],
])('long ones %s are cut to their share, so that four are read at once', (_, text) => {
  const read = fitMessages(many(text, 10), 1_000);
  expect(read.length).toBeGreaterThanOrEqual(4);
  expect(tokensOf(read)).toBeLessThanOrEqual(1_000);
  for (const message of read) expect(text.startsWith(message.text.slice(0, 20))).toBe(true);
  expect(read.every((message) => message.text.isWellFormed())).toBe(true);
});

test('one is read where there is hardly any room, and nothing of none', () => {
  const [only, ...others] = fitMessages(many('wool and more wool '.repeat(100), 3), 0);
  expect(only?.text).toMatch(/^wool and/);
  expect(others).toEqual([]);
  expect(fitMessages([], 1_000)).toEqual([]);
});
