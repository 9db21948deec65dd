import { expect, test } from 'vitest';
import { type FollowUpScores, weighFollowUp } from './weigh-follow-up.ts';

const scores = (together: number, alone: number, own: number): FollowUpScores => ({ together, alone, own });

test('what holds nothing of a message comes right behind what holds its words', () => {
  const before = scores(0.97, 0, 0);
  const asked = scores(0.3, 0.7, 1);
  const weigh = weighFollowUp([before, asked]);
  expect(weigh(asked)).toBe(0.7);
  expect(weigh(before)).toBeLessThan(0.7);
  expect(weigh(before)).toBeGreaterThan(0.6);
});

test('what holds some of its words loses less', () => {
  const weigh = weighFollowUp([scores(0.97, 0, 0), scores(0.9, 0, 0.5), scores(0.3, 0.5, 1)]);
  expect(weigh(scores(0.9, 0, 0.5))).toBeGreaterThan(weigh(scores(0.9, 0, 0)));
  expect(weigh(scores(0.9, 0, 0.5))).toBeLessThan(0.9);
});

test('nothing is lost to a passage that answers nothing', () => {
  const before = scores(0.97, 0, 0);
  const weigh = weighFollowUp([before, scores(0.02, 0.05, 1)]);
  expect(weigh(before)).toBeGreaterThan(0.4);
});

test.each([
  ['no passage holds a word of it', [scores(0.97, 0, 0), scores(0.4, 0, 0)]],
  ['all hold as much of it', [scores(0.97, 0.2, 0.5), scores(0.4, 0.3, 0.5)]],
])('a passage counts as the better of its readings says where %s', (_case, found) => {
  const weigh = weighFollowUp(found);
  expect(found.map(weigh)).toEqual([0.97, 0.4]);
});
