import { expect, test } from 'vitest';
import { analyseQuery } from './analyse-query.ts';
import { chunkText } from './chunk-text.ts';
import { indexPage } from './index-page.ts';
import type { KnowledgeSize, Posting } from './knowledge-store.ts';
import { rankPassages } from './rank-passages.ts';
import { decodeTermLists, PlaceTable, type TermLists } from './term-lists.ts';

const indexOf = async (texts: readonly string[], title = ''): Promise<{ size: KnowledgeSize; index: TermLists }> => {
  const size = { chunks: 0, terms: 0, languages: ['en'] };
  const postings = new Map<string, Posting[]>();
  for (const [at, text] of texts.entries()) {
    const source = await indexPage({ sourceId: `src_${at}`, number: 0, url: null, title }, await chunkText(text));
    size.chunks += source.size.chunks;
    size.terms += source.size.terms;
    for (const { term, entries } of source.rows) {
      postings.set(term, [...(postings.get(term) ?? []), { sourceId: `src_${at}`, entries }]);
    }
  }
  return { size, index: await decodeTermLists(postings) };
};

const shop = [
  'We ship blankets to every city in Georgia within two working days.',
  'Blankets may be returned within thirty days when they were not washed.',
  'Our workshop stands in Tbilisi, near the old bridge.',
  'Wool comes from sheep of the Tusheti mountains.',
  'Gift cards are valid for a year and can be paid by bank transfer.',
];

const rank = async (query: string, texts: readonly string[] = shop) =>
  rankPassages(analyseQuery(query), await indexOf(texts), 10).places;

test.each([
  ['How long does shipping take within Georgia?', 'src_0'],
  ['May I return a washed blanket?', 'src_1'],
  ['Where is your workshop?', 'src_2'],
  ['Which mountains are the sheep from?', 'src_3'],
  ['Can I pay a gift card by bank?', 'src_4'],
])('"%s" finds its passage first', async (query, sourceId) => {
  expect((await rank(query))[0]?.sourceId).toBe(sourceId);
});

test('a question about something else scores lower than any that the knowledge answers', async () => {
  const known = ['How long does shipping take within Georgia?', 'Where is your workshop?', 'May I return a blanket?'];
  const knownShares = await Promise.all(known.map(async (query) => (await rank(query))[0]?.share ?? 0));
  const unknown = ['Do you repair Swiss watches within the warranty?', 'Which opera did Verdi write in Egypt?'];
  const unknownShares = await Promise.all(unknown.map(async (query) => (await rank(query))[0]?.share ?? 0));
  expect(Math.min(...knownShares)).toBeGreaterThan(Math.max(...unknownShares));
});

test('shares are above 0, best first', async () => {
  const ranked = await rank('blankets blankets wool Tbilisi days', [...shop, 'wool '.repeat(500)]);
  const shares = ranked.map(({ share }) => share);
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  expect(Math.min(...shares)).toBeGreaterThan(0);
});

test('a word that stands nowhere tells no more beside one that stands once in a small knowledge than in a large one', async () => {
  const shareOf = (rarity: readonly number[]): number => rarity[1]! / rarity[0]!;
  const ask = async (texts: readonly string[]) =>
    shareOf(rankPassages(analyseQuery('wool submarine'), await indexOf(texts), 1).rarity);
  const many = Array.from({ length: 99 }, (_, at) => `Room ${at} is upstairs.`);
  const large = await ask(['Wool is warm.', ...many]);
  expect(await ask(['Wool is warm.'])).toBeCloseTo(large, 1);
  expect(await ask(['Wool is warm.', 'Tea is hot.'])).toBeCloseTo(large, 1);
  expect(await ask(['Wool is warm.', ...many, ...many])).toBeLessThan(large);
});

test('level passages come in the order of their sources, every time', async () => {
  const twins = Array.from({ length: 6 }, () => 'Wool is warm.');
  const order = (await rank('warm wool', twins)).map(({ sourceId }) => sourceId);
  expect(order).toEqual(['src_0', 'src_1', 'src_2', 'src_3', 'src_4', 'src_5']);
});

test('a word of the title finds a passage that does not hold it', async () => {
  const index = await indexOf(['Two working days.'], 'Delivery to Batumi');
  expect(rankPassages(analyseQuery('Batumi'), index, 5).places).toHaveLength(1);
});

test('no more are given than asked for, and none without knowledge', async () => {
  const index = await indexOf(shop);
  expect(rankPassages(analyseQuery('blankets days'), index, 1).places).toHaveLength(1);
  const nothing = {
    size: { chunks: 0, terms: 0, languages: [] },
    index: { places: new PlaceTable(), lists: new Map() },
  };
  expect(rankPassages(analyseQuery('blankets'), nothing, 5).places).toEqual([]);
});
