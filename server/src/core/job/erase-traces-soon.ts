import type { JobQueue } from './job-store.ts';

/** So long more is waited for: reading the whole file once serves everything that was deleted until then. */
const gatheredForMs = 5_000;

/** Asks for what was deleted to be taken out of the files of the database. */
export const eraseTracesSoon = (jobs: JobQueue, now: number): Promise<void> =>
  jobs.enqueue({
    workspaceId: null,
    kind: 'erase-traces',
    payload: {},
    dedupeKey: 'erase-traces',
    runAt: now + gatheredForMs,
  });
