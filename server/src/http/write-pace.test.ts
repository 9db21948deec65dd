import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gatherMs, WritePace } from './write-pace.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('what is to be written soon waits for no timer, and is written once however often it is asked for', () => {
  const pace = new WritePace();
  const write = vi.fn<() => void>();
  pace.soon(write);
  pace.soon(write);
  expect(write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(0);
  expect(write).toHaveBeenCalledTimes(1);
});

test('all that waits for more is written on one timer', () => {
  const pace = new WritePace();
  const writes = [vi.fn<() => void>(), vi.fn<() => void>()];
  for (const write of writes) pace.later(write);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(gatherMs - 1);
  for (const write of writes) expect(write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  for (const write of writes) expect(write).toHaveBeenCalledTimes(1);
});

test('what asks again while it is written is written again', () => {
  const pace = new WritePace();
  let left = 2;
  const write = vi.fn<() => void>(() => {
    if (--left > 0) pace.later(write);
  });
  pace.later(write);
  vi.advanceTimersByTime(2 * gatherMs);
  expect(write).toHaveBeenCalledTimes(2);
  expect(vi.getTimerCount()).toBe(0);
});
