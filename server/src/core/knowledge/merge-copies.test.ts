import { expect, test } from 'vitest';
import { mergeCopies } from './merge-copies.ts';

const passage = (id: string, text: string, headings: string[] = []) => ({
  chunk: { id, sourceId: 'src_a', position: 0, headings, text, tokens: 1, page: null, anchor: null },
});

test('the first of those that say the same stays, with the ids of the others', () => {
  const merged = mergeCopies([
    passage('a', 'Five lari.'),
    passage('b', 'Six lari.'),
    passage('c', ' Five\n\u00a0lari. '),
    passage('d', 'Five lari.'),
  ]);
  expect(merged.map(({ passage: { chunk }, copies }) => [chunk.id, copies])).toEqual([
    ['a', ['c', 'd']],
    ['b', []],
  ]);
});

test('what answers another question, or stands under another heading, is no copy', () => {
  const same = ['Is it free?', 'Is it wool?'].map((heading) => passage(heading, 'Yes.', [heading]));
  expect(mergeCopies(same)).toHaveLength(2);
});

test('words that are only divided in another way are others', () => {
  expect(mergeCopies([passage('a', 'a b'), passage('b', 'ab'), passage('c', 'b', ['a'])])).toHaveLength(3);
});
