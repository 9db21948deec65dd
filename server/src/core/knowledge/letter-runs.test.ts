import { assert as assertAll, constantFrom, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { foldText } from './fold-text.ts';
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

/** Runs as strings, as they are described. */
const runsOf = (text: string): Set<string> =>
  new Set(
    splitWords(text).flatMap(({ text: word, kind }) => {
      const folded = foldText(word);
      if (kind !== 'pairs') return Array.from(` ${folded} `.slice(2), (_, at) => ` ${folded} `.slice(at, at + 3));
      const characters = Array.from(folded);
      return [...characters, ...characters.slice(1).map((character, at) => `${characters[at]}${character}`)];
    }),
  );

test('as many are found as texts share, in every script', () => {
  const letters = constantFrom(...'aab bcäöß дев ქარ ก่น 毛毯很 𠮷𠮶 이 ｱか'.split(''), '𠮷', '𠮶', '😀');
  const texts = string({ unit: letters, maxLength: 60 });
  assertAll(
    property(texts, texts, (question, text) => {
      const finder = createRunFinder(asked(question));
      const found = new Set(finder.find(readPassage('', text)).flatMap((runs) => [...runs]));
      const inText = runsOf(text);
      expect(finder.parts).toHaveLength(runsOf(question).size);
      expect(found.size).toBe([...runsOf(question)].filter((run) => inText.has(run)).length);
    }),
    { numRuns: 500 },
  );
});
