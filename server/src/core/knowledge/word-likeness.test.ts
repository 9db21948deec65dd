import { expect, test } from 'vitest';
import { wordLikeness } from './word-likeness.ts';

test.each([
  ['lieferungen', 'lieferung'],
  ['versand', 'versandkosten'],
  ['versandkosten', 'versand'],
  ['blankett', 'blanket'],
  ['evlerimizden', 'evlerimiz'],
  ['городах', 'города'],
])('%s is like %s', (asked, written) => {
  expect(wordLikeness(asked, written)).toBeGreaterThanOrEqual(0.55);
  expect(wordLikeness(asked, written)).toBeLessThan(1);
});

test.each([
  ['cat', 'cats'],
  ['return', 'repair'],
  ['shipping', 'blanket'],
  ['price', 'prize'],
])('%s is not like %s', (asked, written) => {
  expect(wordLikeness(asked, written)).toBe(0);
});

test('a word is like itself in full', () => {
  expect(wordLikeness('wool', 'wool')).toBe(1);
});
