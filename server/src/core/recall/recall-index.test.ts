import { expect, it } from 'vitest';
import { GrowingBlock } from './growing-block.ts';
import type { IndexBlock } from './index-block.ts';
import { packMessages } from './pack-messages.ts';
import { RecallIndex } from './recall-index.ts';
import { rankRecall } from './rank-recall.ts';
import { readQuestion } from '../../../test/read-question.ts';

const blocks = (count: number, text: (seq: number) => string): IndexBlock[] =>
  Array.from({ length: count }, (_, nth) => {
    const block = new GrowingBlock();
    const messages = Array.from({ length: 64 }, (__, at) => {
      const seq = nth * 64 + at + 1;
      return { seq, role: 'user' as const, text: text(seq), tokens: 5, createdAt: 0 };
    });
    for (const packed of packMessages(messages)) block.push(packed);
    const { sizeBytes, sittings, sittingLengths } = block;
    return { messages: block.messages, sizeBytes, sittings, sittingLengths, find: (...of) => block.find(...of) };
  });
const terms = (text: string) => readQuestion(text, { before: null, now: 0 })!.words[0]!.terms;

it('of a word that is everywhere the latest are looked at, and the rest is reckoned', () => {
  const conversation = { conversationId: 'a', blocks: blocks(64, () => 'coffee'), shownFrom: null };
  const index = new RecallIndex([conversation], 1);
  const { places, unseen } = index.find(terms('coffee'));
  expect(places.size).toBe(256);
  expect(Math.min(...places.keys())).toBe(64 * 64 - 256);
  expect(places.size * unseen).toBe(64 * 64);
});

it('a question of very many words searches fewer blocks, the latest', () => {
  let looked = 0;
  const counted = blocks(200, () => 'coffee').map((block) => ({ ...block, find: () => (looked += 1) }));
  const index = new RecallIndex([{ conversationId: 'a', blocks: counted, shownFrom: null }], 100);
  for (let word = 0; word < 100; word++) index.find([word]);
  expect(looked).toBe(10_000);
});

it('what a question looks at does not grow with what has none of its words', () => {
  const visited = (count: number): number => {
    let messages = 0;
    const watched = blocks(count, (seq) => (seq % 64 === 7 && seq < 640 ? 'My parrot sings.' : `Note ${seq}`)).map(
      (block) => ({
        ...block,
        messages: new Proxy(block.messages, {
          get: (target, key) => {
            if (typeof key === 'string' && /^\d+$/.test(key)) messages += 1;
            return Reflect.get(target, key) as unknown;
          },
        }),
      }),
    );
    const question = readQuestion('What does my parrot do?', { before: null, now: 0 })!;
    const ranked = rankRecall(question, [{ conversationId: 'a', blocks: watched, shownFrom: null }]);
    expect(ranked.filter(({ matched }) => matched)).toHaveLength(10);
    return messages;
  };
  expect(visited(200)).toBeLessThanOrEqual(1.3 * visited(20));
});
