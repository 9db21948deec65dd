import { jobKindNames } from '../../core/job/job-kinds.ts';
import { eraseTracesSoon } from '../../core/job/erase-traces-soon.ts';
import type { JobStore } from '../../core/job/job-store.ts';
import type { Transact, Writers } from '../../core/store.ts';
import type { TurnStore } from '../../core/turn/turn-store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import type { JobKind } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

const dayMs = 24 * 60 * 60 * 1_000;
/** What was sent to webhook endpoints can be looked up, and replayed, for so long. */
const deliveriesKeptMs = 30 * dayMs;
/**
 * For so long a revoked key is told from one that never was. What became of it stands in the audit log, which is kept as long
 * as its workspace.
 */
const revokedKeysKeptMs = 90 * dayMs;
/** Dead jobs are kept as long as somebody may come to look for them, and those of a kind that this version does not know. */
const leftJobsKeptMs = 30 * dayMs;

export type PruneParts = {
  transact: Transact;
  turns: Pick<TurnStore, 'pruneLogs'>;
  jobs: Pick<JobStore, 'removeLeft'>;
  clock: Clock;
  /** How long the event log of an ended turn can be read: at least an hour, by the contract. */
  turnLogsKeptMs: number;
};

/**
 * Removes what has outlived its purpose: answers kept for repeated requests, invitations, event logs of ended turns, dead
 * jobs. Of the first two the files must hold nothing either; the others hold ids, places in texts and counts.
 */
export const pruneExpired = ({ transact, turns, jobs, clock, turnLogsKeptMs }: PruneParts): JobKind => ({
  async run({ signal }) {
    const now = clock();
    const prune = (remove: () => Promise<number>) => inBatches(signal, async () => (await remove()) < rowsPerBatch);
    const pruneWhole = (remove: (writers: Writers) => Promise<number>) =>
      prune(() =>
        transact(async (writers) => {
          const removed = await remove(writers);
          // with the rows, since a round that was cut off here finds none of them again
          if (removed > 0) await eraseTracesSoon(writers.jobs, { of: 'outlived', now });
          return removed;
        }),
      );
    await pruneWhole((writers) => writers.idempotency.removeExpired(now, rowsPerBatch));
    await pruneWhole((writers) => writers.invitations.removeExpired(now, rowsPerBatch));
    await prune(() => turns.pruneLogs(now - turnLogsKeptMs, rowsPerBatch));
    await prune(() =>
      transact((writers) => writers.webhookDeliveries.removeEnded(now - deliveriesKeptMs, rowsPerBatch)),
    );
    await prune(() => transact((writers) => writers.keys.removeRevoked(now - revokedKeysKeptMs, rowsPerBatch)));
    await prune(() => jobs.removeLeft(jobKindNames, now - leftJobsKeptMs, rowsPerBatch));
  },
});
