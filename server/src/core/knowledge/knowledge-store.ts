import type { Page, PageRequest } from '../page.ts';
import type { Chunk, Source, SourceContent } from './source.ts';

/** The places where one term stands in one source. */
export type Posting = {
  sourceId: string;
  /** Chunk positions with the term's count and the chunk's length in terms; see `posting-codec.ts`. */
  entries: Uint8Array;
};

/** Sizes of a bot's ready sources, for ranking. */
export type KnowledgeSize = { chunks: number; terms: number };

export interface KnowledgeReader {
  find(workspaceId: string, botId: string, sourceId: string): Promise<Source | null>;
  findContent(workspaceId: string, botId: string, sourceId: string): Promise<SourceContent | null>;
  list(workspaceId: string, botId: string, page: PageRequest): Promise<Page<Source>>;
  size(workspaceId: string, botId: string): Promise<KnowledgeSize>;
  /** Postings of ready sources by term; terms that stand nowhere are absent. */
  postings(workspaceId: string, botId: string, terms: readonly string[]): Promise<Map<string, Posting[]>>;
  /** Chunks with their sources, in the order asked for; those deleted meanwhile are absent. */
  chunks(
    workspaceId: string,
    botId: string,
    places: readonly { sourceId: string; position: number }[],
  ): Promise<{ chunk: Chunk; source: Pick<Source, 'id' | 'title' | 'url'> }[]>;
  /** The text of chunks by id, for receipts; null where it was deleted. */
  chunkTexts(workspaceId: string, chunkIds: readonly string[]): Promise<Map<string, string>>;
}

/** A chunk with its index entries. */
export type IndexedChunk = Chunk & { terms: ReadonlyMap<string, number>; length: number };

export interface KnowledgeStore extends KnowledgeReader {
  insert(source: Source, content: SourceContent): Promise<void>;
  /** Writes status, error, progress, revision and times. */
  update(source: Source): Promise<void>;
  /** Replaces all chunks and postings of the source and makes it ready, where its revision is still `revision`. */
  replaceChunks(source: Source, revision: number, chunks: readonly IndexedChunk[]): Promise<boolean>;
  /** Removes the source with its chunks and postings. */
  remove(workspaceId: string, botId: string, sourceId: string): Promise<void>;
}
