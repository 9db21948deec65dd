import { setTimeout } from 'node:timers/promises';

/** Between two batches, even where they cost nothing. */
const minPauseMs = 5;
/** Each pause is this many times as long as the batch before it took, so that mass deletion has a fifth of the writer … */
const pauseFactor = 4;
/** … and gets on where one batch had to wait very long. */
const maxPauseMs = 1_000;

/**
 * Calls `batch` until it says that nothing is left, or the work must stop; what is left is done by a later attempt. The
 * busier the writer is, the longer a batch takes and the longer the pause behind it: turns come first.
 */
export const inBatches = async (signal: AbortSignal, batch: () => Promise<boolean>): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    if (await batch()) return;
    const tookMs = performance.now() - startedAt;
    await setTimeout(Math.min(maxPauseMs, Math.max(minPauseMs, pauseFactor * tookMs)));
  }
};
