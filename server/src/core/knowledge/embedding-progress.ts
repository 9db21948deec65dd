import type { Source } from './source.ts';
import type { VectorReader } from './vector-store.ts';

/** How far a source is on its way to be found by what it means. */
export type EmbeddingProgress = {
  status: 'queued' | 'processing' | 'ready' | 'failed';
  /** 0 to 1. */
  progress: number;
  error: string | null;
};

/** By the source's id; absent where there is no model, and nothing to embed. All sources are of one bot. */
export const embeddingProgress = async (
  vectors: Pick<VectorReader, 'embeddings'>,
  model: string | null,
  sources: readonly Source[],
): Promise<Map<string, EmbeddingProgress>> => {
  const [first] = sources;
  if (model === null || first === undefined) return new Map();
  const ids = sources.map(({ id }) => id);
  const states = await vectors.embeddings(first.workspaceId, first.botId, ids);
  const known = new Map(states.map((state) => [state.sourceId, state]));
  const found = sources.filter(({ chunkCount }) => chunkCount > 0);
  return new Map(
    found.map(({ id }): [string, EmbeddingProgress] => {
      const state = known.get(id);
      // of another model: the vectors that are there serve nobody
      if (state?.model !== model) return [id, { status: 'queued', progress: 0, error: null }];
      const { status, embedded, total, error } = state;
      return [id, { status, progress: total === 0 ? 0 : embedded / total, error }];
    }),
  );
};
