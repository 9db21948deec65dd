import type { Transact } from '../core/store.ts';

/**
 * `transact` that calls `wake` once a transaction that added jobs is durable, so that they start at once and not at the
 * worker's next look.
 */
export const wakeOnEnqueue =
  (transact: Transact, wake: () => void): Transact =>
  (work) =>
    transact((writers) =>
      work({
        ...writers,
        jobs: {
          async enqueue(job) {
            await writers.jobs.enqueue(job);
            writers.afterCommit(wake);
          },
        },
      }),
    );
