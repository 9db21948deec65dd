import { describe, expect, test } from 'vitest';
import { collectWords, joinLines } from './join-lines.ts';

const none = collectWords([]);

describe('two lines', () => {
  test.each([
    ['a word that was divided', 'The blan-', 'kets are warm.', [], 'The blankets are warm.'],
    ['a word divided by a soft hyphen', 'The blan\u00ad', 'kets', [], 'The blankets'],
    ['a compound that stands elsewhere', 'A coal-', 'fired stove', ['coal-fired stoves'], 'A coal-fired stove'],
    ['a compound of two words', 'A coal-', 'fired stove', ['it was fired with coal now'], 'A coal-fired stove'],
    ['a word that is a whole elsewhere', 'The in-', 'formation', ['in formation, information'], 'The information'],
    ['a name of two', 'North-', 'Rhine', [], 'North-Rhine'],
    ['words', 'The blankets', 'are warm.', [], 'The blankets are warm.'],
    ['text without spaces', '毛毯是', '手工制作的。', [], '毛毯是手工制作的。'],
  ])('with %s are one', (_what, before, after, lines, joined) => {
    expect(joinLines(before, after, lines.length > 0 ? collectWords(lines) : none)).toBe(joined);
  });
});

test('the parts of a divided word are no words', () => {
  expect([...collectWords(['the coal-', 'fired stove', 'is warm'])]).toEqual(['the', 'stove', 'is', 'warm']);
});
