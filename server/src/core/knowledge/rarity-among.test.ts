import { expect, test } from 'vitest';
import { rarityAmong, weightOf } from './rarity-among.ts';

const weightsOf = (held: readonly (readonly number[])[], parts: readonly number[]): number[] => [
  ...rarityAmong(
    held.map((one) => new Set(one)),
    parts,
  ),
];

test('the fewer passages hold a sign, the more it tells', () => {
  const [everywhere = 0, twice = 0, once = 0, nowhere = 0] = weightsOf(
    [[0, 1, 2], [0, 1], [0], [0], [0], [0], [0]],
    [1, 1, 1, 1],
  );
  expect(twice).toBeGreaterThan(3 * everywhere);
  expect(once).toBeGreaterThan(twice);
  expect(nowhere).toBeGreaterThan(once);
});

test('all weights together are the whole', () => {
  const weights = rarityAmong([new Set([0]), new Set([0, 1])], [1, 1, 0.5]);
  expect(weightOf(new Set([0, 1, 2]), weights)).toBeCloseTo(1);
  expect(weightOf(new Set(), weights)).toBe(0);
});

test('a sign of half the worth has half the weight of another that is as rare', () => {
  const [whole = 0, half = 0] = weightsOf([[0, 1]], [1, 0.5]);
  expect(half).toBeCloseTo(whole / 2);
});

test('what the only passage holds still counts', () => {
  const [held = 0, absent = 0] = weightsOf([[0]], [1, 1]);
  expect(held).toBeGreaterThan(absent / 2);
});

test('no signs and no passages are no failure', () => {
  expect(weightsOf([], [])).toEqual([]);
  expect(weightsOf([], [1])).toEqual([1]);
});
