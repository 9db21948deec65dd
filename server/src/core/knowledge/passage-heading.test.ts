import { expect, test } from 'vitest';
import { passageHeading } from './passage-heading.ts';

test.each([
  ['a title and headings are one line', 'Delivery', ['Abroad', 'Prices'], 'Delivery / Abroad / Prices'],
  ['what is empty is left out', '', ['Abroad', ' '], 'Abroad'],
  ['there may be nothing', '', [], ''],
  ['line ends of every kind are blanks', 'a\r\nb\u2028c', ['d\u000be\u2029f'], 'a b c / d e f'],
  ['control characters and marks of direction are gone', 'a\u0007\u202eb\u0000', [], 'ab'],
  ['nothing passes for a number', '[1] 【2】 ［3］ 〔4〕 [5†x]', ['[6]'], '(1) (2) (3) (4) (5†x) / (6)'],
])('%s', (_name, title, headings, shown) => {
  expect(passageHeading(title, headings)).toBe(shown);
});

test('it has an end, and no half characters', () => {
  const shown = passageHeading('😀'.repeat(2_000), ['x']);
  expect(shown.length).toBeLessThanOrEqual(1_301);
  expect(shown.isWellFormed()).toBe(true);
});
