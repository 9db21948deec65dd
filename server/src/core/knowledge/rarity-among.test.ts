import { expect, test } from 'vitest';
import { rarityAmong, weightOf } from './rarity-among.ts';

const weightsOf = (held: readonly (readonly number[])[], signs: number): number[] => [
  ...rarityAmong(
    held.map((one) => new Set(one)),
    signs,
  ),
];

test('the fewer passages hold a sign, the more it tells', () => {
  const [everywhere = 0, twice = 0, once = 0, nowhere = 0] = weightsOf([[0, 1, 2], [0, 1], [0], [0], [0], [0], [0]], 4);
  expect(twice).toBeGreaterThan(3 * everywhere);
  expect(once).toBeGreaterThan(twice);
  expect(nowhere).toBeGreaterThan(once);
});

test('all weights together are the whole', () => {
  const weights = rarityAmong([new Set([0]), new Set([0, 1])], 3);
  expect(weightOf(new Set([0, 1, 2]), weights)).toBeCloseTo(1);
  expect(weightOf(new Set(), weights)).toBe(0);
});

test('what the only passage holds still counts', () => {
  const [held = 0, absent = 0] = weightsOf([[0]], 2);
  expect(held).toBeGreaterThan(absent / 2);
});

test('no signs and no passages are no failure', () => {
  expect(weightsOf([], 0)).toEqual([]);
  expect(weightsOf([], 1)).toEqual([1]);
});
