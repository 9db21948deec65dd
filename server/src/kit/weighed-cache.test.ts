import { afterEach, expect, test, vi } from 'vitest';
import { WeighedCache } from './weighed-cache.ts';

const cacheOf = (maxWeight: number, idleMs = 100) => {
  const time = { now: 0 };
  return { time, cache: new WeighedCache<string, string>({ maxWeight, idleMs, clock: () => time.now }) };
};

afterEach(() => vi.useRealTimers());

test('what was not asked for the longest goes when all is too heavy together, as many as it takes', () => {
  const { cache } = cacheOf(10);
  cache.set('a', 'a', 3);
  cache.set('b', 'b', 3);
  cache.set('c', 'c', 3);
  cache.get('a');
  cache.set('d', 'd', 6);
  expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.get('d')]).toEqual(['a', undefined, undefined, 'd']);
  expect(cache.weight).toBe(9);
});

test('a value that has grown pushes others out, and itself where it is too heavy alone', () => {
  const { cache } = cacheOf(10);
  cache.set('a', 'a', 1);
  cache.set('b', 'b', 1);
  cache.set('a', 'a', 10);
  expect([cache.get('a'), cache.get('b'), cache.weight]).toEqual(['a', undefined, 10]);
  cache.set('b', 'b', 11);
  expect([cache.get('a'), cache.get('b'), cache.weight]).toEqual(['a', undefined, 10]);
  cache.set('a', 'a', 11);
  expect([cache.size, cache.weight]).toEqual([0, 0]);
});

test('what was deleted weighs nothing', () => {
  const { cache } = cacheOf(10);
  cache.set('a', 'a', 4);
  cache.set('b', 'b', 4);
  cache.delete('a');
  cache.delete('a');
  expect([cache.size, cache.weight]).toEqual([1, 4]);
  cache.clear();
  expect([cache.size, cache.weight]).toEqual([0, 0]);
});

test('a value that nobody asked for in its time is given to nobody', () => {
  const { cache, time } = cacheOf(10);
  cache.set('a', 'a', 1);
  time.now = 99;
  expect(cache.get('a')).toBe('a');
  time.now = 198;
  expect(cache.get('a')).toBe('a');
  time.now = 298;
  expect(cache.get('a')).toBeUndefined();
  expect(cache.weight).toBe(0);
});

test('what is idle goes although nothing is asked for or added, and then nothing is waited for', () => {
  vi.useFakeTimers();
  const cache = new WeighedCache<string, string>({ maxWeight: 10, idleMs: 100 });
  cache.set('a', 'a', 1);
  vi.advanceTimersByTime(60);
  cache.set('b', 'b', 1);
  vi.advanceTimersByTime(40);
  expect(cache.size).toBe(1);
  vi.advanceTimersByTime(100);
  expect(cache.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  cache.set('c', 'c', 1);
  vi.advanceTimersByTime(100);
  expect([cache.size, cache.weight]).toEqual([0, 0]);
});
