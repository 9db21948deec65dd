import { expect, it } from 'vitest';
import { normalForm } from './normal-form.ts';

/** Sorted one by one, these marks take a minute or more. */
const many = 500_000;

it('composes and takes apart as Unicode does', () => {
  expect(normalForm('e\u0301te\u0301', 'NFC')).toBe('été');
  expect(normalForm('ｶﾞ', 'NFKC')).toBe('ガ');
  expect(normalForm('é', 'NFKD')).toBe('e\u0301');
});

it('leaves thirty marks on a character, and what stands between characters with marks', () => {
  const most = `a${'\u0316'.repeat(15)}${'\u0301'.repeat(15)}`;
  expect(normalForm(`${most}${most}b`, 'NFKD')).toBe(`${most}${most}b`);
  expect(normalForm(`${most}\u0301\u0301b\u0301`, 'NFKD')).toBe(`${most}b\u0301`);
});

it('finds too many marks wherever they stand', () => {
  for (let before = 0; before < 64; before++) {
    for (const mark of ['\u0301', '\u{1d165}']) {
      const text = `${'x'.repeat(before)}${mark.repeat(31)}${'x'.repeat(40)}`;
      expect(normalForm(text, 'NFKD').length, String(before)).toBe(text.length - mark.length);
    }
  }
});

it.each([
  ['of two kinds', `a${'\u0301'.repeat(many)}${'\u0316'.repeat(many)}`],
  ['that only compatibility forms take for marks', `か${'\u0301'.repeat(many)}${'\uff9e'.repeat(many)}`],
  ['beyond the first plane', `a${'\u{1d165}'.repeat(many)}${'\u{1d17b}'.repeat(many)}`],
])('reads a million marks in a row, %s, at once', (_kind, text) => {
  for (const form of ['NFC', 'NFKC', 'NFKD'] as const) {
    expect(Array.from(normalForm(text, form)).length, form).toBeLessThanOrEqual(33);
  }
});

it('takes every character for a mark that is sorted like one', () => {
  const sorted = Array.from({ length: 0x11_00_00 }, (_, code) => String.fromCodePoint(code)).filter(isSorted);
  expect(sorted.length).toBeGreaterThan(900);
  // one of them is two marks
  const long = sorted.filter((character) => Array.from(normalForm(character.repeat(100), 'NFC')).length > 60);
  expect(long).toEqual([]);
});

/** Beside marks of the lowest and the highest class, one of which such a character changes places with. */
const isSorted = (character: string): boolean => {
  const [first = ''] = character.normalize('NFKD');
  const pairs = ['\u0334', '\u0345'].flatMap((mark) => [mark + first, first + mark]);
  return first.normalize('NFD') === first && pairs.some((pair) => pair.normalize('NFD') !== pair);
};
