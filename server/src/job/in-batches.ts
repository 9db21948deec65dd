import { setTimeout } from 'node:timers/promises';

/** Between two batches, so that turns get the writer in between however large the rest is. */
const pauseMs = 5;

/** Calls `batch` until it says that nothing is left, or the work must stop; what is left is done by a later attempt. */
export const inBatches = async (signal: AbortSignal, batch: () => Promise<boolean>): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    if (await batch()) return;
    await setTimeout(pauseMs);
  }
};
