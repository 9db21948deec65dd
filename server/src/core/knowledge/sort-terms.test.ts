import { expect, test } from 'vitest';
import { sortTerms } from './sort-terms.ts';

test.each([0, 1, 2, 4_096, 4_097, 30_000])('%i terms are sorted as `<` has them', async (count) => {
  const terms = Array.from(
    { length: count },
    (_, at) => `${(at * 7_919) % 1_000}é${String.fromCodePoint(0x61 + (at % 7))}`,
  );
  expect(await sortTerms(terms)).toEqual(terms.toSorted());
});
