import { expect, test } from 'vitest';
import { readFactAnswer } from './read-fact-answer.ts';
import { isSecret, standsIn } from './verify-fact.ts';

const messages = [
  'Hi, I am Ana from Batumi. My password is hunter2.',
  'My card is 4111 1111 1111 1111, I wear size 42.',
];
const read = (...facts: unknown[]) => readFactAnswer(JSON.stringify({ facts }), messages);
const city = { message: 1, name: 'city', value: 'Batumi', confidence: 0.9 };

test('facts are taken with the message they came from', () => {
  expect(read(city, { message: 2, name: 'Shoe Size', value: '42' })).toEqual([
    { message: 0, name: 'city', value: 'Batumi', confidence: 0.9 },
    { message: 1, name: 'shoe_size', value: '42', confidence: 1 },
  ]);
});

test('JSON is found between fences and sentences', () => {
  const answer = `Here you are:\n\`\`\`json\n${JSON.stringify({ facts: [city] })}\n\`\`\`\nAnything else?`;
  expect(readFactAnswer(answer, messages)).toHaveLength(1);
});

test.each([
  '',
  'I found nothing.',
  '{"facts":',
  '{"facts":{}}',
  '[]',
  'null',
  '{"a":1}{"facts":[]}',
  `{${'x'.repeat(60_000)}}`,
])('an answer of another form is none: %.20s', (answer) => {
  expect(readFactAnswer(answer, messages)).toBeNull();
});

test('what is invented, or said elsewhere, is left out', () => {
  expect(read({ ...city, value: 'Tbilisi' }, { ...city, message: 2 }, { ...city, value: 'from' })).toEqual([
    { message: 0, name: 'city', value: 'from', confidence: 0.9 },
  ]);
  // words that stand there, in an order in which they do not
  expect(read({ ...city, value: 'Batumi Ana' }, { ...city, value: 'atum' }, { ...city, value: '…' })).toEqual([]);
});

test('what has not the right form is left out, and the rest is taken', () => {
  expect(
    read(
      null,
      'city',
      [],
      {},
      { ...city, message: '1' },
      { ...city, message: 0 },
      { ...city, message: 3 },
      { ...city, message: 1.5 },
      { ...city, value: 7 },
      { ...city, name: '' },
      { ...city, name: '!!!' },
      { ...city, name: 'x'.repeat(65) },
      { ...city, confidence: 0.2 },
      { ...city, confidence: Number.NaN },
      { ...city, value: '' },
      city,
    ),
  ).toEqual([
    // JSON has no such number: nothing was said of it
    { message: 0, name: 'city', value: 'Batumi', confidence: 1 },
    { message: 0, name: 'city', value: 'Batumi', confidence: 0.9 },
  ]);
});

test('secrets and numbers of cards are nobody’s to keep', () => {
  expect(
    read(
      { message: 1, name: 'password', value: 'hunter2' },
      { message: 2, name: 'payment', value: '4111 1111 1111 1111' },
      { message: 2, name: 'card_number', value: '4111' },
    ),
  ).toEqual([]);
  expect(isSecret('phone', '+995 555 12 34 56')).toBe(false);
  expect(isSecret('pinterest', 'ana')).toBe(false);
});

test('one answer gives so many facts at most', () => {
  expect(read(...Array.from({ length: 100 }, () => city))).toHaveLength(30);
});

test.each([
  ['batumi', true],
  ['BATUMÍ', true],
  ['ana from', true],
  ['an', false],
  ['', false],
])('%s stands in the message: %s', (value, expected) => {
  expect(standsIn(value, messages[0]!)).toBe(expected);
});

test('words of scripts without spaces are found within a run', () => {
  expect(standsIn('张伟', '你好，我叫张伟。')).toBe(true);
  expect(standsIn('张三', '你好，我叫张伟。')).toBe(false);
});
