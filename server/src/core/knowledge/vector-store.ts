import type { ChunkPlace } from './knowledge-store.ts';

/** A bot's vectors under one model; those of two models are never mixed. */
export type VectorScope = { workspaceId: string; botId: string; model: string };

/** A text that has no vector yet, and where it stands last among those that were read. */
export type UnembeddedText = { position: number; contentHash: string; text: string };

/** Vectors as they are stored: packed by `kit/vectors/quantise.ts`. */
export type StoredVector = { contentHash: string; vector: Uint8Array; code: Uint8Array };

/** Passages that became findable together: a version of a page. They stay the same, their vectors grow in number. */
export type VectorSegment = { sourceId: string; version: number; passages: number };

export type SourceEmbedding = {
  sourceId: string;
  model: string;
  status: 'processing' | 'ready' | 'failed';
  /** Of `total` passages. */
  embedded: number;
  total: number;
  error: string | null;
  updatedAt: number;
};

export type EmbeddedCount = { embedded: number; total: number };

export interface VectorReader {
  /**
   * Texts of a source's findable passages that have no vector, in the order of positions behind `after`, each once, at most
   * `limit`; read where long reads go.
   */
  unembedded(scope: VectorScope, sourceId: string, page: { after: number; limit: number }): Promise<UnembeddedText[]>;
  /** How many of a source's findable passages have a vector; read where long reads go. */
  countEmbedded(scope: VectorScope, sourceId: string): Promise<EmbeddedCount>;
  /** True where the bot has a vector at all. */
  has(scope: VectorScope): Promise<boolean>;
  /** How long the bot's vectors are, or most of them, as some of them tell; null where it has none. */
  dimensions(scope: VectorScope): Promise<number | null>;
  /** What of a bot can be found, page by page; read where long reads go. */
  segments(workspaceId: string, botId: string): Promise<VectorSegment[]>;
  /** Quantised vectors of a segment in the order of positions, behind `after`; read where long reads go. */
  codes(
    scope: VectorScope,
    segment: Pick<VectorSegment, 'sourceId' | 'version'>,
    page: { after: number; limit: number },
  ): Promise<{ position: number; code: Uint8Array }[]>;
  /** Exact vectors of what can be found at these places now, at most `maxPlaces`. */
  exact(scope: VectorScope, places: readonly ChunkPlace[]): Promise<(ChunkPlace & { vector: Uint8Array })[]>;
  embeddings(workspaceId: string, botId: string, sourceIds: readonly string[]): Promise<SourceEmbedding[]>;
  /**
   * Sources, by workspace, bot and id behind `after`, with whether they are embedded under the model; at most `limit`. Read
   * where long reads go.
   */
  sources(
    model: string,
    page: { after: SourcePlace | null; limit: number },
  ): Promise<(SourcePlace & { settled: boolean })[]>;
}

export type SourcePlace = { workspaceId: string; botId: string; sourceId: string };

/** Places that `exact` takes. */
export const maxPlaces = 64;

export interface VectorStore extends VectorReader {
  /** Gives passages that were stored without one their content hash, at most `limit`; true where none is left. */
  fillHashes(source: SourcePlace, limit: number): Promise<boolean>;
  /** Keeps vectors whose text is still a passage of the bot; those that are there stay. */
  write(scope: VectorScope, vectors: readonly StoredVector[]): Promise<void>;
  note(workspaceId: string, botId: string, embedding: SourceEmbedding): Promise<void>;
  /**
   * Looks at `limit` vectors of a bot behind `after` and removes those of texts that it no longer has, and all of other
   * models than `keep` (null: any may stay), with what is noted under them. Gives where to go on, null at the end, and how many went.
   */
  prune(
    bot: Pick<VectorScope, 'workspaceId' | 'botId'>,
    options: { keep: string | null; after: VectorKey | null; limit: number },
  ): Promise<{ after: VectorKey | null; removed: number }>;
  /** Removes at most `limit` vectors of anybody, then as many notes: no model is in use any more. True when none is left. */
  removeAny(limit: number): Promise<boolean>;
}

export type VectorKey = { model: string; contentHash: string };
