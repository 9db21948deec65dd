import { setTimeout } from 'node:timers/promises';
import { ParleyError } from '../error.ts';

/** Pauses between tries to have the store do what a turn needs; past the last the turn is left to whoever sweeps. */
export const storeRetryMs: readonly number[] = [50, 200, 500, 1_000, 2_000, 4_000];

/** True for what the store says of itself at this moment and not of what it was asked: the same may be well a second later. */
export const isPassing = (error: unknown): error is ParleyError =>
  error instanceof ParleyError && (error.code === 'storage_unavailable' || error.code === 'overloaded');

/**
 * Does the work again for as long as all that fails it is passing, and it may be repeated. Throws what it failed with last;
 * at once where `signal` is aborted meanwhile.
 */
export const retryPassing = async <Result>(
  work: () => Promise<Result>,
  {
    onFailed,
    mayRepeat = () => true,
    signal,
  }: { onFailed: (error: unknown) => void; mayRepeat?: () => boolean; signal?: AbortSignal },
): Promise<Result> => {
  for (const pauseMs of storeRetryMs) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || !mayRepeat()) throw error;
      onFailed(error);
      // who breaks it off wants no other try
      await setTimeout(pauseMs, undefined, signal ? { signal } : {}).catch(() => {});
      if (signal?.aborted) throw error;
    }
  }
  return work();
};
