import { expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

const cacheOf = (maxEntries: number, ttlMs = 100) => {
  const time = { now: 0 };
  return { time, cache: new BoundedCache<string, number>({ maxEntries, ttlMs, clock: () => time.now }) };
};

test('a full cache lets go of what was not asked for the longest', () => {
  const { cache } = cacheOf(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.get('a');
  cache.set('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
});

test('a cache never holds more than its limit', () => {
  const { cache } = cacheOf(10);
  for (let count = 0; count < 1_000; count++) cache.set(`${count}`, count);
  expect(cache.size).toBe(10);
});

test('a value is gone once its time is over, however often it was asked for', () => {
  const { cache, time } = cacheOf(2);
  cache.set('a', 1);
  time.now = 99;
  expect(cache.get('a')).toBe(1);
  time.now = 100;
  expect(cache.get('a')).toBeUndefined();
  expect(cache.size).toBe(0);
});

test('a value may have a time of its own', () => {
  const { cache, time } = cacheOf(2);
  cache.set('a', 1, 10);
  time.now = 10;
  expect(cache.get('a')).toBeUndefined();
});

test('setting a value again renews it and takes no second place', () => {
  const { cache, time } = cacheOf(2);
  cache.set('a', 1);
  cache.set('b', 2);
  time.now = 50;
  cache.set('a', 3);
  time.now = 120;
  expect([cache.get('a'), cache.get('b')]).toEqual([3, undefined]);
});

test('what was deleted is gone', () => {
  const { cache } = cacheOf(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.delete('a');
  expect(cache.get('a')).toBeUndefined();
  cache.clear();
  expect(cache.size).toBe(0);
});
