import { expect, test } from 'vitest';
import { WindowCounter } from './window-counter.ts';

test('a window begins with the first count and ends after its length', () => {
  const counter = new WindowCounter({ windowMs: 100, maxNames: 10 });
  expect(counter.count('a', 1_000)).toEqual({ count: 1, resetMs: 100 });
  expect(counter.count('a', 1_099)).toEqual({ count: 2, resetMs: 1 });
  expect(counter.count('b', 1_099).count).toBe(1);
  expect(counter.count('a', 1_100)).toEqual({ count: 1, resetMs: 100 });
});

test('a flood of names is bounded, and costs the oldest windows alone', () => {
  const counter = new WindowCounter({ windowMs: 1_000, maxNames: 3 });
  for (const name of ['a', 'b', 'c', 'd']) counter.count(name, 0);
  expect(counter.size).toBe(3);
  expect(counter.count('d', 0).count).toBe(2);
  expect(counter.count('b', 0).count).toBe(2);
  expect(counter.count('a', 0).count).toBe(1);
});

test('windows that have ended do not stay', () => {
  const counter = new WindowCounter({ windowMs: 10, maxNames: 1_000 });
  for (let at = 0; at < 100; at++) counter.count(`old-${at}`, 0);
  for (let at = 0; at < 100; at++) counter.count(`new-${at}`, 50);
  expect(counter.size).toBe(100);
});
