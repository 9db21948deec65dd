import { expect, test } from 'vitest';
import { countWords, holdsAnswer } from './score-reply.ts';

test('an answer counts as whole words, whatever its case and punctuation', () => {
  expect(holdsAnswer('It was built in 1889, by Gustave Eiffel.', ['gustave eiffel'])).toBe(true);
  expect(holdsAnswer('It was built in 1889.', ['188'])).toBe(false);
  expect(holdsAnswer('It has 308 points', ['309', '308.'])).toBe(true);
});

test('an answer without letters or digits is never held', () => {
  expect(holdsAnswer('Yes - and no', ['-'])).toBe(false);
});

test('Chinese answers are found without spaces', () => {
  expect(holdsAnswer('球队只丢了308分,在联盟中排名第六。', ['第六'])).toBe(true);
  expect(holdsAnswer('球队只丢了308分。', ['第六'])).toBe(false);
});

test('two characters of a script without spaces count as a word', () => {
  expect(countWords('three short words')).toBe(3);
  expect(countWords('共有四个')).toBe(2);
});
