import { expect, test } from 'vitest';
import { type AskedWord, createRunFinder } from './letter-runs.ts';
import { readPassage } from './read-passage.ts';
import { splitWords } from './split-words.ts';

const asked = (question: string): AskedWord[] => splitWords(question).map((word) => ({ ...word, part: 1 }));

/** The share of a question's runs that a text holds. */
const shareIn = (question: string, text: string): number => {
  const finder = createRunFinder(asked(question));
  return new Set(finder.find(readPassage('', text)).flatMap((runs) => [...runs])).size / finder.parts.length;
};

test.each([
  ['the same words', 'ქარხანა wool', 'Wool: ქარხანა', 1],
  ['nothing in common', 'wool', 'A cart.', 0],
  ['a word with its ends', 'wool', 'woolen', 3 / 4],
  ['accents and case aside', 'Música', 'MUSICA', 1],
  ['a short word', 'a', 'a b', 1],
  ['characters and their pairs', '毛毯', '毛很毯', 2 / 3],
])('%s', (_what, question, text, share) => {
  expect(shareIn(question, text)).toBeCloseTo(share);
});

test('runs are found by sentence', () => {
  const finder = createRunFinder(asked('wool cart'));
  const [first, second] = finder.find(readPassage('', 'Wool is warm. The cart is old.')).slice(-2);
  expect([first?.size, second?.size]).toEqual([4, 4]);
});

test('a question without an end is compared by its beginning', () => {
  const words = Array.from({ length: 5_000 }, (_, at) => `word${at}`).join(' ');
  expect(createRunFinder(asked(words)).parts).toHaveLength(512);
});
