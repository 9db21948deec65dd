import type { Page, PageRequest } from '../page.ts';
import type { Chunk, Source, SourceContent } from './source.ts';

/** The places where one term stands in one source. */
export type Posting = {
  sourceId: string;
  /** Chunk positions with the term's count and the chunk's length in terms; see `posting-codec.ts`. */
  entries: Uint8Array;
};

/** Sizes of a bot's sources that can be found, for ranking. Zero chunks: there is nothing to look for. */
export type KnowledgeSize = { chunks: number; terms: number };

/** Where a chunk stands. */
export type ChunkPlace = { sourceId: string; position: number };

/** A chunk with what is shown of its source. */
export type PlacedChunk = { chunk: Chunk; source: Pick<Source, 'id' | 'title' | 'url'> };

export interface KnowledgeReader {
  find(workspaceId: string, botId: string, sourceId: string): Promise<Source | null>;
  findContent(workspaceId: string, botId: string, sourceId: string): Promise<SourceContent | null>;
  list(workspaceId: string, botId: string, page: PageRequest): Promise<Page<Source>>;
  count(workspaceId: string, botId: string): Promise<number>;
  size(workspaceId: string, botId: string): Promise<KnowledgeSize>;
  /**
   * Postings by term; terms that stand nowhere are absent. Only of the revision of a source that is complete: one that
   * is being read again is found as it was. At most `limit` postings are read in all.
   */
  postings(
    workspaceId: string,
    botId: string,
    lookup: { terms: readonly string[]; limit: number },
  ): Promise<Map<string, Posting[]>>;
  /** Chunks with their sources, in the order asked for; those deleted meanwhile are absent. */
  chunks(workspaceId: string, botId: string, places: readonly ChunkPlace[]): Promise<PlacedChunk[]>;
  /** Chunks by id as a model is shown them, below their title and headings; absent where they were deleted. */
  chunkTexts(workspaceId: string, chunkIds: readonly string[]): Promise<Map<string, string>>;
}

/** Whose chunks and postings are meant: a revision is written in slices, and found only once it is published. */
export type SourceRevision = { workspaceId: string; botId: string; sourceId: string; revision: number };

/** One row of the index: a term and its places in one source. */
export type IndexRow = { term: string; entries: Uint8Array };

/**
 * A large source is never written in one transaction, which would hold up every turn of the program: its revision is
 * written in slices that nobody finds, made visible by `publish`, and what it replaced is removed in slices.
 */
export interface KnowledgeStore extends KnowledgeReader {
  insert(source: Source, content: SourceContent): Promise<void>;
  /** Writes status, error, progress, revision and times. */
  update(source: Source): Promise<void>;
  /** Notes how far the work on a revision is; false where the source wants another revision by now, or is gone. */
  setProgress(target: SourceRevision, progress: number, at: number): Promise<boolean>;
  /** Adds a slice; rows that an earlier attempt has written stay as they are. */
  writeSlice(target: SourceRevision, slice: { chunks: readonly Chunk[]; index: readonly IndexRow[] }): Promise<void>;
  /** Makes the revision the one that is found, and the source ready. False where another is wanted, or it is gone. */
  publish(target: SourceRevision, size: KnowledgeSize, at: number): Promise<boolean>;
  /** Removes the source with its content; its chunks are found no more, and are removed by `removeUnused`. */
  remove(workspaceId: string, botId: string, sourceId: string): Promise<boolean>;
  /**
   * Removes at most `limit` chunks and as many index rows of revisions that are neither found nor wanted; true when none
   * is left. Never the wanted one: whoever still writes it may publish it.
   */
  removeUnused(source: Omit<SourceRevision, 'revision'>, limit: number): Promise<boolean>;
}
