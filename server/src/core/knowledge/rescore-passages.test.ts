import { expect, test } from 'vitest';
import { analyseQuery } from './analyse-query.ts';
import { readPassage, type ReadPassage } from './read-passage.ts';
import { createRescorer } from './rescore-passages.ts';

/** What passages are worth beside each other where the index puts them level. */
const judge = (question: string, passages: readonly string[], language = 'en'): number[] => {
  const words = analyseQuery(question, [language]).filter(({ stop }) => !stop);
  const read = passages.map((text) => readPassage('', text));
  const rescore = createRescorer({ words, rarity: words.map(() => 1), text: question, passages: read });
  return read.map((passage) => rescore(passage, 0.5));
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
  [
    'words that are only akin beat others',
    'Wie alt ist das Bäumchen?',
    ['Der Baum ist alt.', 'Der Zaun ist alt.'],
    'de',
  ],
  [
    'a short sentence that says it beats a long one that says it too',
    'Who founded the workshop?',
    [
      'Nino founded the workshop.',
      'After a long journey and many years far from home Nino founded the workshop beside her house in the mountains.',
    ],
    'en',
  ],
  ['the name that is asked for beats another word', 'Which wool does Nino like?', ['Nino spins.', 'They like.'], 'en'],
  [
    'what one passage alone holds beats what all of them hold',
    'wool blanket workshop',
    ['A workshop of wool.', 'A blanket of wool.', 'A wool blanket.', 'Blankets: wool, a blanket.'],
    'en',
  ],
  ['runs of characters beat the same characters apart', '毛毯保修', ['毛毯保修一年。', '毛毯很暖和。修保。'], 'zh'],
])('%s', (_what, question, passages, language) => {
  const [first = 0, second = 0] = judge(question, passages, language);
  expect(first).toBeGreaterThan(second);
});

test('headings count as a sentence', () => {
  const words = analyseQuery('How long is delivery?', ['en']).filter(({ stop }) => !stop);
  const passages = [readPassage('Delivery', 'Two days.'), readPassage('Returns', 'Two days.')];
  const rescore = createRescorer({ words, rarity: words.map(() => 1), text: 'How long is delivery?', passages });
  const [delivery = 0, returns = 0] = passages.map((passage) => rescore(passage, 0));
  expect(delivery).toBeGreaterThan(returns);
});

test('a question of signs and a passage without words are judged without a failure', () => {
  expect(judge('delivery', ['…'])).toEqual([0.5]);
  expect(createRescorer({ words: [], rarity: [], text: '?', passages: [] })(readPassage('', 'Wool.'), 0)).toBe(0);
});

test('a passage that is not among the compared ones is judged like them', () => {
  const words = analyseQuery('Who founded the workshop?', ['en']).filter(({ stop }) => !stop);
  const passages = [readPassage('', 'Nino founded the workshop.'), readPassage('', 'It rained.')];
  const rescore = createRescorer({ words, rarity: words.map(() => 1), text: 'Who founded the workshop?', passages });
  expect(rescore(readPassage('', 'Nino founded the workshop.'), 0)).toBe(rescore(passages[0] as ReadPassage, 0));
});
