import { eraseTracesSoon } from '../../core/job/erase-traces-soon.ts';
import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';
import type { VectorKey } from '../../core/knowledge/vector-store.ts';
import type { EmbedSourceParts } from './embed-source.ts';

/**
 * Removes a bot's vectors of texts that it no longer has, and of other models than the one in use, and what the files hold
 * of them.
 */
export const pruneVectors = ({
  transact,
  embedTexts,
  clock,
}: Pick<EmbedSourceParts, 'transact' | 'embedTexts' | 'clock'>): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { botId } = readPayload<'prune-vectors'>(run.payload, { botId: 'string' });
    const keep = embedTexts?.model ?? null;
    let after: VectorKey | null = null;
    await inBatches(run.signal, async () => {
      after = await transact(async ({ vectors, jobs }) => {
        const pruned = await vectors.prune({ workspaceId, botId }, { keep, after, limit: rowsPerBatch });
        // with the rows, since a run that is cut off here finds none of them again
        if (pruned.removed > 0) await eraseTracesSoon(jobs, { of: 'outlived', now: clock() });
        return pruned.after;
      });
      return after === null;
    });
  },
});
