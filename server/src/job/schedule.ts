import type { JobQueue } from '../core/job/job-store.ts';
import type { Transact } from '../core/store.ts';

/** The jobs that come round by the clock. */
const rounds = [
  // often enough that what has expired is soon gone, and the batches are small
  { kind: 'prune-expired', everyMs: 5 * 60 * 1_000 },
  // what a model's trouble, an import or an older version has left without vectors
  { kind: 'sync-embeddings', everyMs: 60 * 60 * 1_000 },
  // its unit is the day, and it looks at every conversation of the workspaces that want it
  { kind: 'enforce-retention', everyMs: 60 * 60 * 1_000 },
  // what a process that died had in mind of its last hour
  { kind: 'sweep-memory', everyMs: 60 * 60 * 1_000 },
] as const;

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
  const timers = rounds.map(({ kind, everyMs }) => {
    const round = (): void => {
      options.transact(({ jobs }) => enqueue(jobs, kind)).catch(options.onError);
    };
    round();
    return setInterval(round, options.everyMs ?? everyMs).unref();
  });
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
};

const enqueue = (jobs: JobQueue, kind: (typeof rounds)[number]['kind']): Promise<void> =>
  jobs.enqueue({ workspaceId: null, kind, payload: {}, dedupeKey: kind });
