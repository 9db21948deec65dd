import { expect, test } from 'vitest';
import { isId } from '../../kit/id.ts';
import { indexSource } from './index-source.ts';
import { decodePostings } from './posting-codec.ts';

const source = { id: 'src_a', title: 'Delivery' };
const text = (parts: readonly string[]) => ({
  type: 'text' as const,
  text: parts.map((part) => `# ${part}\n${part} body.`).join('\n'),
});

test('ids are those of the text: they survive a refresh, also where a passage has moved', async () => {
  const before = await indexSource(source, text(['One', 'Two']));
  const after = await indexSource(source, text(['Zero', 'One', 'Two']));
  const ids = (index: typeof before): string[] => index.chunks.map(({ id }) => id);
  expect(ids(after).slice(1)).toEqual(ids(before));
  expect(ids(before).every((id) => isId('chunk', id))).toBe(true);
});

test('equal passages of a source, and of two sources, have ids of their own', async () => {
  const twice = await indexSource(source, text(['One', 'One']));
  const other = await indexSource({ ...source, id: 'src_b' }, text(['One']));
  expect(new Set([...twice.chunks, ...other.chunks].map(({ id }) => id))).toHaveLength(3);
});

test('every term has one row with its places; title and headings count without making a passage longer', async () => {
  const { rows, chunks, size } = await indexSource(source, text(['Wool', 'Silk']));
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
  expect(size).toEqual({ chunks: chunks.length, terms: 4 });
  expect(new Set(rows.map(({ term }) => term)).size).toBe(rows.length);
});
