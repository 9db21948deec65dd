import { expect, test } from 'vitest';
import { fuseScores } from './fuse-scores.ts';

const spread = { mean: 0.2, deviation: 0.1 };

test('a passage without a vector, or among vectors that do not differ, keeps the score of its words', () => {
  expect(fuseScores({ words: 0.4, cosine: null }, spread)).toBe(0.4);
  expect(fuseScores({ words: 0.4, cosine: 0.9 }, { mean: 0.9, deviation: 0 })).toBe(0.4);
});

test('meaning adds to words, and takes nothing away', () => {
  expect(fuseScores({ words: 0.4, cosine: -0.5 }, spread)).toBe(0.4);
  expect(fuseScores({ words: 0.4, cosine: 0.3 }, spread)).toBe(0.4);
  const near = fuseScores({ words: 0.4, cosine: 0.5 }, spread);
  const nearer = fuseScores({ words: 0.4, cosine: 0.6 }, spread);
  expect(near).toBeGreaterThan(0.4);
  expect(nearer).toBeGreaterThan(near);
  expect(fuseScores({ words: 0.5, cosine: 0.5 }, spread)).toBeGreaterThan(near);
});

test('a score stays between 0 and 1, and meaning alone is never certain', () => {
  expect(fuseScores({ words: 0, cosine: 1 }, { mean: 0, deviation: 0.001 })).toBeCloseTo(0.9, 10);
  expect(fuseScores({ words: 1, cosine: 1 }, { mean: 0, deviation: 0.001 })).toBe(1);
});

test('another scale of cosines gives the same scores', () => {
  const one = fuseScores({ words: 0.3, cosine: 0.6 }, spread);
  expect(fuseScores({ words: 0.3, cosine: 0.88 }, { mean: 0.8, deviation: 0.02 })).toBeCloseTo(one, 10);
});
