import type { Transact } from '../core/store.ts';

/** Often enough that what has expired is soon gone, and the batches are small. */
const pruneEveryMs = 5 * 60 * 1_000;

export type Schedule = { stop(): void };

/**
 * Adds the jobs that come round by the clock, at once and then regularly. A key keeps replicas from adding the same job
 * twice while it waits. A failure is the caller's to log; the next round tries again.
 */
export const startSchedule = (options: {
  transact: Transact;
  onError: (error: unknown) => void;
  everyMs?: number;
}): Schedule => {
  const round = (): void => {
    options
      .transact((writers) =>
        writers.jobs.enqueue({ workspaceId: null, kind: 'prune-expired', payload: {}, dedupeKey: 'prune-expired' }),
      )
      .catch(options.onError);
  };
  const timer = setInterval(round, options.everyMs ?? pruneEveryMs);
  timer.unref();
  round();
  return { stop: () => clearInterval(timer) };
};
