import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isId } from '../../kit/id.ts';
import { chunkText } from './chunk-text.ts';
import { indexPage } from './index-page.ts';
import { positionOf } from './page-place.ts';
import { decodePostings } from './posting-codec.ts';

const page = { sourceId: 'src_a', number: 0, url: null, title: 'Delivery' };
const text = (parts: readonly string[]) => chunkText(parts.map((part) => `# ${part}\n${part} body.`).join('\n'));

test('ids are those of the text: they survive a refresh, also where a passage has moved', async () => {
  const before = await indexPage(page, await text(['One', 'Two']));
  const after = await indexPage(page, await text(['Zero', 'One', 'Two']));
  const ids = (index: typeof before): string[] => index.chunks.map(({ id }) => id);
  expect(ids(after).slice(1)).toEqual(ids(before));
  expect(ids(before).every((id) => isId('chunk', id))).toBe(true);
});

test('the chunks of a page stand behind those of the pages before it, in chunks and postings alike', async () => {
  const { chunks, rows } = await indexPage({ ...page, number: 3 }, await text(['One', 'Two']));
  const positions = [positionOf(3, 0), positionOf(3, 1)];
  expect(chunks.map(({ position }) => position)).toEqual(positions);
  const found: number[] = [];
  decodePostings(rows.find(({ term }) => term === 'bodi')?.entries ?? new Uint8Array(), (at) => found.push(at));
  expect(found).toEqual(positions);
});

test('the same text on two pages has two ids', async () => {
  const one = await indexPage({ ...page, url: 'https://shop.example/a' }, await text(['One']));
  const two = await indexPage({ ...page, url: 'https://shop.example/b' }, await text(['One']));
  expect(one.chunks[0]?.id).not.toBe(two.chunks[0]?.id);
});

test('equal passages of a source, and of two sources, have ids of their own', async () => {
  const twice = await indexPage(page, await text(['One', 'One']));
  const other = await indexPage({ ...page, sourceId: 'src_b' }, await text(['One']));
  expect(new Set([...twice.chunks, ...other.chunks].map(({ id }) => id))).toHaveLength(3);
});

test('every term has one row with its places; title and headings count without making a passage longer', async () => {
  const { rows, chunks, size } = await indexPage(page, await text(['Wool', 'Silk']));
  const places = (term: string): number[][] => {
    const found: number[][] = [];
    for (const row of rows.filter((candidate) => candidate.term === term)) {
      decodePostings(row.entries, (position, count, length) => found.push([position, count, length]));
    }
    return found;
  };
  expect(places('wool')).toEqual([[0, 2, 2]]);
  expect(places('bodi')).toEqual([
    [0, 1, 2],
    [1, 1, 2],
  ]);
  expect(places('deliveri')).toEqual([
    [0, 1, 2],
    [1, 1, 2],
  ]);
  expect(size).toEqual({ chunks: chunks.length, terms: 4, languages: ['en'] });
  expect(new Set(rows.map(({ term }) => term)).size).toBe(rows.length);
});

test('long answers, and many terms, let others have their turn in between', async () => {
  const state = { turns: 0, isIndexed: false };
  const counted = (async () => {
    for (; !state.isIndexed; state.turns++) await setImmediate();
  })();
  const words = (from: number): string => Array.from({ length: 1_000 }, (_, at) => `w${from + at}x`).join(' ');
  const answers = Array.from({ length: 15 }, (_, at) => ({ headings: ['Question'], text: words(at * 1_000) }));
  const { rows } = await indexPage(page, answers);
  state.isIndexed = true;
  await counted;
  expect(rows.length).toBeGreaterThan(15_000);
  // 8,000 characters of fifteen answers each, and terms by the thousand
  expect(state.turns).toBeGreaterThan(20);
});
