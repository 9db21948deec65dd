import { setTimeout } from 'node:timers/promises';
import type { JobStore } from '../../core/job/job-store.ts';
import { admitFairly, isFull, maxWaitingJobs } from '../../core/memory/admit-fairly.ts';
import { findLagging, type LaggingParts } from '../../core/memory/find-lagging.ts';
import { rememberJobs } from '../../core/memory/remember-job.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import type { JobKind } from '../job-kind.ts';

/** Between two pages: it has all the time. */
const pauseMs = 50;

export type SweepMemoryParts = LaggingParts & {
  jobs: Pick<JobStore, 'countWaiting'>;
  transact: Transact;
  clock: Clock;
};

/** Adds jobs for conversations whose memory lags behind, as after a crash. */
export const sweepMemory = (parts: SweepMemoryParts): JobKind => ({
  lane: 'background',

  async run({ signal }) {
    for await (const lagging of findLagging(parts, parts.clock())) {
      signal.throwIfAborted();
      const waiting = await parts.jobs.countWaiting('remember-conversation', maxWaitingJobs);
      if (isFull(waiting)) return;
      const admitted = admitFairly(lagging, waiting);
      if (admitted.length > 0) {
        await parts.transact(async ({ jobs }) => {
          for (const job of rememberJobs(admitted)) await jobs.enqueue(job);
        });
      }
      await setTimeout(pauseMs);
    }
  },
});
