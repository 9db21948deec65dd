import { expect, it } from 'vitest';
import type { RecalledMessage } from '../recall/find-recall.ts';
import { chooseRecall } from './choose-recall.ts';
import type { LeftOut } from './receipt.ts';

const day = 86_400_000;

const message = (id: string, change: Partial<RecalledMessage> = {}): RecalledMessage => ({
  messageId: id,
  conversationId: 'conv_a',
  seq: 1,
  role: 'user',
  text: `Text of ${id}`,
  createdAt: 0,
  tokens: 10,
  score: 0.5,
  reason: 'words',
  ...change,
});

const choose = (recalled: RecalledMessage[], budgetTokens: number, history: { text: string }[] = []) => {
  const leftOut: LeftOut[] = [];
  const { shown, items } = chooseRecall(recalled, { budgetTokens, history }, leftOut);
  return { shown, items, leftOut, ids: items.map(({ messageId }) => messageId) };
};

it('the best are taken while the budget lasts, and shown in the order in which they were said', () => {
  const best = message('c', { seq: 9, createdAt: 2 * day });
  const { ids, items, leftOut, shown } = choose([best, message('a', { seq: 3 }), message('b', { seq: 5 })], 44);
  expect(ids).toEqual(['a', 'c']);
  expect(shown.map(({ text }) => text)).toEqual(['Text of a', 'Text of c']);
  expect(items.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(44);
  expect(leftOut).toEqual([{ kind: 'recall', messageId: 'b', reason: 'budget' }]);
});

it('a smaller one may still fit where a larger one does not', () => {
  expect(choose([message('large', { tokens: 500 }), message('small', { tokens: 2 })], 30).ids).toEqual(['small']);
});

it('a day is counted once for all that was said on it in a conversation', () => {
  const [one, other] = choose([message('a'), message('b', { seq: 2 })], 100).items;
  expect(other!.tokens).toBeLessThan(one!.tokens);
});

it('each line of a message is counted', () => {
  const [flat] = choose([message('a', { text: 'one two' })], 100).items;
  const [long] = choose([message('a', { text: 'one\ntwo' })], 100).items;
  expect(long!.tokens).toBeGreaterThan(flat!.tokens);
});

it('what is said already is not said again', () => {
  const { ids, leftOut } = choose(
    [
      message('a', { text: 'Hello  you' }),
      message('b', { seq: 2, text: 'Hello you' }),
      message('c', { text: 'Asked' }),
    ],
    100,
    [{ text: 'Asked' }],
  );
  expect(ids).toEqual(['a']);
  expect(leftOut).toEqual([
    { kind: 'recall', messageId: 'b', reason: 'duplicate' },
    { kind: 'recall', messageId: 'c', reason: 'duplicate' },
  ]);
});

it('messages of one conversation stand together', () => {
  const { ids } = choose(
    [
      message('b1', { conversationId: 'conv_b', seq: 1 }),
      message('a2', { seq: 2 }),
      message('b2', { conversationId: 'conv_b', seq: 2 }),
      message('a1', { seq: 1 }),
    ],
    1_000,
  );
  expect(ids).toEqual(['a1', 'a2', 'b1', 'b2']);
});
