import { describe, expect, it } from 'vitest';
import { shareCounters } from './shared-counters.ts';

/** A path of counters, each by one letter, in a period. */
const path = (letters: string, period = 1) => letters.split('').map((letter) => ({ letter, period_start: period }));

const share = (...paths: ReturnType<typeof path>[]) => {
  const { counters, places } = shareCounters(paths);
  return { counters: counters.map(({ letter, period_start }) => `${letter}${period_start}`), places };
};

describe('counters of several turns', () => {
  it('are each named once, and each turn knows its own', () => {
    expect(share(path('ab'), path('ac'), path('ab'))).toEqual({
      counters: ['a1', 'b1', 'c1'],
      places: [
        [0, 1],
        [0, 2],
        [0, 1],
      ],
    });
  });

  it('come outermost first, also where a path begins further in', () => {
    expect(share(path('b'), path('bc'), path('abc'))).toEqual({
      counters: ['a1', 'b1', 'c1'],
      places: [[1], [1, 2], [0, 1, 2]],
    });
  });

  it('come one period after the other, whatever the order of the turns', () => {
    const expected = ['a1', 'b1', 'a2', 'b2'];
    expect(share(path('ab', 2), path('a', 1), path('ab', 1)).counters).toEqual(expected);
    expect(share(path('a', 1), path('ab', 1), path('ab', 2)).counters).toEqual(expected);
  });

  it('are none where nobody counts', () => {
    expect(share(path(''), path(''))).toEqual({ counters: [], places: [[], []] });
    expect(share()).toEqual({ counters: [], places: [] });
  });
});
