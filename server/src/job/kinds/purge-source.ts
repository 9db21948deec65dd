import { enqueuePruning } from '../../core/knowledge/enqueue-embedding.ts';
import type { Transact } from '../../core/store.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

/** Removes chunks and postings of a deleted source, and then vectors that no other passage of the bot has. */
export const purgeSource = ({ transact }: { transact: Transact }): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const payload = readPayload<'purge-source'>(run.payload, { botId: 'string', sourceId: 'string' });
    await inBatches(run.signal, () =>
      transact((writers) => writers.knowledge.removeUnused({ workspaceId, ...payload }, rowsPerBatch)),
    );
    await transact((writers) => enqueuePruning(writers.jobs, { workspaceId, botId: payload.botId }));
  },
});
