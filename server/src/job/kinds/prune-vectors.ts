import { inBatches } from '../in-batches.ts';
import { type JobKind, readPayload, workspaceOf } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';
import type { VectorKey } from '../../core/knowledge/vector-store.ts';
import type { EmbedSourceParts } from './embed-source.ts';

/** Removes a bot's vectors of texts that it no longer has, and of other models than the one in use. */
export const pruneVectors = ({ transact, embedTexts }: Pick<EmbedSourceParts, 'transact' | 'embedTexts'>): JobKind => ({
  tireless: true,

  async run(run) {
    const workspaceId = workspaceOf(run);
    const { botId } = readPayload<'prune-vectors'>(run.payload, { botId: 'string' });
    const keep = embedTexts?.model ?? null;
    let after: VectorKey | null = null;
    await inBatches(run.signal, async () => {
      after = await transact((writers) =>
        writers.vectors.prune({ workspaceId, botId }, { keep, after, limit: rowsPerBatch }),
      );
      return after === null;
    });
  },
});
