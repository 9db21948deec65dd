import { expect, test } from 'vitest';
import { foldText } from './fold-text.ts';

test.each([
  ['Café', 'cafe'],
  ['Straße', 'strasse'],
  ['ŁÓDŹ', 'lodz'],
  ['Ελλάς', 'ελλασ'],
  ['Смирнов-Ёлкин', 'смирнов-елкин'],
  ['fi', 'fi'],
  ['1234', '1234'],
  ['ガス', 'ガス'],
])('%s is read as %s', (written, read) => {
  expect(foldText(written)).toBe(read);
});

test('marks that belong to the word stay', () => {
  expect(foldText('น้ำ')).toContain('้');
  expect(foldText('が')).toBe('が');
  expect(foldText('が')).not.toBe(foldText('か'));
});

test('letters with and without composed accents fold to the same', () => {
  expect(foldText('e\u0301te\u0301')).toBe(foldText('été'));
});

test.each([
  ['accents', `a${'\u0301'.repeat(400_000)}${'\u0316'.repeat(400_000)}`],
  ['accents with signs of voice', `か${'\u0301'.repeat(400_000)}${'\uff9e'.repeat(400_000)}`],
  // the signs between them go with the accents
  ['marks that meet once others are gone', `a${'\u0e48\u05be'.repeat(400_000)}${'\u3099\u05be'.repeat(400_000)}`],
])('a word of a million %s is folded at once', (_kind, word) => {
  expect(foldText(word).length).toBeLessThan(100);
});
