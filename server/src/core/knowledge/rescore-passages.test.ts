import { expect, test } from 'vitest';
import { analyseQuery } from './analyse-query.ts';
import { readPassage } from './read-passage.ts';
import { createRescorer } from './rescore-passages.ts';

/** What passages are worth beside each other where the index puts them level. */
const judge = (question: string, passages: readonly string[], language = 'en'): number[] => {
  const words = analyseQuery(question, [language]).filter(({ stop }) => !stop);
  const rescore = createRescorer({ words, rarity: words.map(() => 1), text: question });
  return passages.map((text) => rescore(readPassage('', text), 0.5));
};

test.each([
  [
    'words in one sentence beat the same words in several',
    'Who founded the wool workshop?',
    ['Nino founded the wool workshop.', 'Nino founded a school. Wool is warm. It rained. The workshop is old.'],
    'en',
  ],
  [
    'words in the order of the question beat others',
    'the old bridge workshop',
    ['A workshop by the old bridge.', 'A bridge of the workshop is old.'],
    'en',
  ],
  [
    'a compound beats nothing',
    'Was kostet der Versand?',
    ['Die Versandkosten betragen 5 Euro.', 'Die Wolle ist warm.'],
    'de',
  ],
  ['a slip of the pen beats nothing', 'Which blankett is warm?', ['A warm blanket.', 'A warm summer.'], 'en'],
  ['accents as they are written beat others', 'año nuevo', ['El año nuevo.', 'El ano nuevo.'], 'es'],
  ['runs of characters beat the same characters apart', '毛毯保修', ['毛毯保修一年。', '毛毯很暖和。修保。'], 'zh'],
])('%s', (_what, question, passages, language) => {
  const [first = 0, second = 0] = judge(question, passages, language);
  expect(first).toBeGreaterThan(second);
});

test('headings count as a sentence', () => {
  const words = analyseQuery('How long is delivery?', ['en']).filter(({ stop }) => !stop);
  const rescore = createRescorer({ words, rarity: words.map(() => 1), text: 'How long is delivery?' });
  expect(rescore(readPassage('Delivery', 'Two days.'), 0)).toBeGreaterThan(
    rescore(readPassage('Returns', 'Two days.'), 0),
  );
});

test('a question of signs and a passage without words are judged without a failure', () => {
  expect(judge('delivery', ['…'])).toEqual([0.5]);
  expect(createRescorer({ words: [], rarity: [], text: '?' })(readPassage('', 'Wool.'), 0)).toBe(0);
});
