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
