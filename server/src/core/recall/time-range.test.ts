import { expect, it } from 'vitest';
import { readTimeRange } from './time-range.ts';

const now = Date.UTC(2026, 10, 30, 12);
const days = (text: string) => {
  const range = readTimeRange(text, now);
  return range && [range.from, range.before].map((time) => new Date(time).toISOString().slice(0, 10));
};

it.each([
  ['What did I say on 2026-03-04?', ['2026-03-02', '2026-03-14']],
  ['Where was I on 4 March 2026?', ['2026-03-02', '2026-03-14']],
  ['Where was I on March 4, 2026?', ['2026-03-02', '2026-03-14']],
  ['Wo war ich am 4. März 2026?', ['2026-03-02', '2026-03-14']],
  ['¿Qué dije en marzo de 2026?', ['2026-02-27', '2026-04-10']],
  ['What did we plan in May?', ['2026-04-29', '2026-06-10']],
  ['Was war im Mai?', ['2026-04-29', '2026-06-10']],
  // the last one there was
  ['What did we plan in December?', ['2025-11-29', '2026-01-10']],
  ['What did I ask yesterday?', ['2026-11-29', '2026-12-01']],
  ['Was habe ich gestern gefragt?', ['2026-11-29', '2026-12-01']],
  ['What did I order last week?', ['2026-11-16', '2026-12-01']],
])('"%s" speaks of days', (question, expected) => {
  expect(days(question)).toEqual(expected);
});

it.each(['May I ask you something?', 'How do I march on?', 'What is my name?', '', 'order 12345-67-89'])(
  '"%s" does not',
  (question) => {
    expect(days(question)).toBeNull();
  },
);

it.each(['today ', 'did ', 'hoy ', 'war '])('a million times "%s" is read at once', (word) => {
  expect(days(word.repeat(1_000_000))).toBeNull();
});
