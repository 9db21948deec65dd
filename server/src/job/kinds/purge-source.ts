import { eraseTracesSoon } from '../../core/job/erase-traces-soon.ts';
import { enqueuePruning } from '../../core/knowledge/enqueue-embedding.ts';
import type { Transact } from '../../core/store.ts';
import type { Clock } from '../../kit/clock.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Removes chunks and postings of a deleted source, then vectors that no other passage of the bot has, and what the files hold of them. */
export const purgeSource = ({ transact, clock }: { transact: Transact; clock: Clock }): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const payload = readPayload<'purge-source'>(run.payload, { botId: 'string', sourceId: 'string' });
    await inBatches(run.signal, () =>
      transact((writers) => writers.knowledge.removeUnused({ workspaceId, ...payload }, rowsPerBatch)),
    );
    await transact(async ({ jobs }) => {
      await enqueuePruning(jobs, { workspaceId, botId: payload.botId });
      await eraseTracesSoon(jobs, { of: 'knowledge', now: clock() });
    });
  },
});
