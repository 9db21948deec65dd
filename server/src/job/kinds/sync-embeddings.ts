import { enqueueEmbedding } from '../../core/knowledge/enqueue-embedding.ts';
import type { VectorDatabase } from '../../core/knowledge/vector-database.ts';
import type { SourcePlace, VectorReader } from '../../core/knowledge/vector-store.ts';
import type { Transact } from '../../core/store.ts';
import { inBatches } from '../in-batches.ts';
import type { JobKind } from '../job-kind.ts';
import { rowsPerBatch } from '../rows-per-batch.ts';

export type SyncEmbeddingsParts = {
  vectors: Pick<VectorReader, 'sources'>;
  transact: Transact;
  embedTexts: { readonly model: string } | null;
  vectorDatabase: Pick<VectorDatabase, 'keepUp'> | null;
};

/**
 * Brings vectors in line with the model that is configured: asks for those of every source that has none under it, be it that
 * the model is another, that the source was brought in from elsewhere, or that the model failed before. Without a model
 * every vector is removed. Then a database that searches vectors is brought up to date.
 */
export const syncEmbeddings = ({ vectors, transact, embedTexts, vectorDatabase }: SyncEmbeddingsParts): JobKind => ({
  lane: 'background',

  async run({ signal }) {
    if (embedTexts === null) {
      await inBatches(signal, () => transact((writers) => writers.vectors.removeAny(rowsPerBatch)));
      return;
    }
    let after: SourcePlace | null = null;
    await inBatches(signal, async () => {
      const sources = await vectors.sources(embedTexts.model, { after, limit: rowsPerBatch });
      const wanting = sources.filter((source) => !source.settled);
      if (wanting.length > 0) {
        await transact(async ({ jobs }) => {
          for (const source of wanting) await enqueueEmbedding(jobs, source);
        });
      }
      after = sources.at(-1) ?? null;
      return sources.length < rowsPerBatch;
    });
    await vectorDatabase?.keepUp(embedTexts.model, signal);
  },
});
