import { expect, test } from 'vitest';
import { stemEnglish } from './stem-english.ts';

test.each([
  ['ship', 'ships', 'shipped', 'shipping'],
  ['return', 'returns', 'returned', 'returning', 'returnable'],
  ['study', 'studies', 'studied', 'studying'],
  ['delivery', 'deliveries'],
  ['hope', 'hopes', 'hoped', 'hoping'],
  ['relate', 'related', 'relational'],
  ['organize', 'organizing', 'organization', 'organisation'],
  ['go', 'went', 'gone'],
  ['child', 'children'],
  ['box', 'boxes'],
  ['class', 'classes'],
])('the forms of "%s" meet', (...forms) => {
  expect(new Set(forms.map((form) => stemEnglish(form)))).toHaveLength(1);
});

test.each([
  ['news', 'new'],
  ['universe', 'unit'],
  ['sing', 'sign'],
  ['bring', 'bridge'],
])('"%s" and "%s" do not meet', (one, other) => {
  expect(stemEnglish(one)).not.toBe(stemEnglish(other));
});

test('what is no English word stays as it is', () => {
  for (const word of ['a1234s', 'größe', 'is', 'the', '2026']) expect(stemEnglish(word)).toBe(word);
});
