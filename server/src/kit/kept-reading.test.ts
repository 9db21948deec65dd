import { expect, test, vi } from 'vitest';
import { keepReading } from './kept-reading.ts';

const options = { freshMs: 60_000, waitMs: 10_000, onError: () => {} };

test('those who ask together or soon after share one reading', async () => {
  const read = vi.fn<() => Promise<number>>(() => Promise.resolve(7));
  const ask = keepReading(read, options);
  expect(await Promise.all([ask(), ask()])).toEqual([7, 7]);
  expect(await ask()).toBe(7);
  expect(read).toHaveBeenCalledTimes(1);
});

test('one that takes too long is waited for by nobody, and is there for whoever asks next', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const read = vi.fn<() => Promise<number>>(() => promise);
  const ask = keepReading(read, { ...options, waitMs: 1 });
  expect(await ask()).toBeNull();
  resolve(7);
  await expect.poll(ask).toBe(7);
  expect(read).toHaveBeenCalledTimes(1);
});

test('a reading that failed leaves no old figure behind', async () => {
  const onError = vi.fn<(error: unknown) => void>();
  const read = vi.fn<() => Promise<number>>().mockResolvedValueOnce(7).mockRejectedValue(new Error('away'));
  const ask = keepReading(read, { ...options, freshMs: 0, onError });
  expect(await ask()).toBe(7);
  expect(await ask()).toBeNull();
  expect(onError).toHaveBeenCalledTimes(1);
});
