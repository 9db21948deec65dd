import type { JobQueue } from './job-store.ts';

const minuteMs = 60_000;

/** So long more is waited for: reading the whole file once serves everything that was deleted until then. */
const gatheredForMs = {
  /** Sources and bots are deleted by people, now and then. */
  knowledge: 5_000,
  /** Programs delete them, by the thousand or one behind the other all day. */
  conversation: minuteMs,
  /** Something has always outlived its time where much is said. */
  outlived: 60 * minuteMs,
} as const;

/** Asks for what was deleted to be taken out of the files of the database; the one that waits is brought forward. */
export const eraseTracesSoon = (
  jobs: JobQueue,
  { of, now }: { of: keyof typeof gatheredForMs; now: number },
): Promise<void> =>
  jobs.enqueue({
    workspaceId: null,
    kind: 'erase-traces',
    payload: {},
    dedupeKey: 'erase-traces',
    runAt: now + gatheredForMs[of],
  });
