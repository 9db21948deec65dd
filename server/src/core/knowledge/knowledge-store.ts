import type { Page, PageRequest } from '../page.ts';
import type { ChunkPlace, Posting } from './posting.ts';
import type { Chunk, Source, SourceContent } from './source.ts';
import type { NewPage, PageStatus, SourcePage } from './source-page.ts';
import type { TermLists } from './term-lists.ts';

export type { ChunkPlace, Posting } from './posting.ts';

/** Where a posting stands among those of its term. */
export type PostingPlace = { sourceId: string; version: number };

/** Sizes of a bot's sources that can be found, for ranking. Zero chunks: there is nothing to look for. */
export type KnowledgeSize = {
  chunks: number;
  terms: number;
  /** Of the texts, as `LanguageAnalyser.language` names them. */
  languages: readonly string[];
};

/**
 * A chunk with what is shown of where it comes from: the title of its page, or else of its source, and the page's URL,
 * with the anchor of the chunk where there is one.
 */
export type PlacedChunk = { chunk: Chunk; source: Pick<Source, 'id' | 'title' | 'url'> };

/** A chunk as a model is shown it, with its place. */
export type ShownChunk = { text: string; page: number | null; url: string | null };

export type SourceKey = { workspaceId: string; botId: string; sourceId: string };

/** What is worked for: a round of reading a source, which another replaces. */
export type SourceRevision = SourceKey & { revision: number };

export interface KnowledgeReader {
  find(workspaceId: string, botId: string, sourceId: string): Promise<Source | null>;
  findContent(workspaceId: string, botId: string, sourceId: string): Promise<SourceContent | null>;
  list(workspaceId: string, botId: string, page: PageRequest): Promise<Page<Source>>;
  count(workspaceId: string, botId: string): Promise<number>;
  size(workspaceId: string, botId: string): Promise<KnowledgeSize>;
  /**
   * Postings by term, one for each page that holds it; terms that stand nowhere are absent. Only of the version of a page
   * that is complete: one that is being read again is found as it was. At most `limit` postings are read in all.
   */
  postings(
    workspaceId: string,
    botId: string,
    lookup: { terms: readonly string[]; limit: number },
  ): Promise<Map<string, Posting[]>>;
  /** A page of one term's postings, in the order of their sources; `last` is null where there are no more. */
  postingsOf(
    workspaceId: string,
    botId: string,
    lookup: { term: string; after: PostingPlace | null; limit: number },
  ): Promise<{ postings: Posting[]; last: PostingPlace | null }>;
  /** Lists of terms from memory, where they are remembered; the store itself remembers nothing. */
  terms?: (
    workspaceId: string,
    botId: string,
    lookup: { terms: readonly string[]; size: KnowledgeSize },
  ) => Promise<TermLists>;
  /** Chunks with their sources, in the order asked for; those deleted meanwhile are absent. */
  chunks(workspaceId: string, botId: string, places: readonly ChunkPlace[]): Promise<PlacedChunk[]>;
  /** Chunks by id as a model is shown them, below their title and headings; absent where they were deleted. */
  chunkTexts(workspaceId: string, chunkIds: readonly string[]): Promise<Map<string, ShownChunk>>;
  /** The pages of a source, newest first; of one status, or all. */
  pages(source: SourceKey, page: PageRequest & { status: PageStatus | null }): Promise<Page<SourcePage>>;
  /** What a round has to read next: of the pages it is not done with the one that is due first. Null: none is left. */
  nextPage(source: SourceKey, round: number): Promise<SourcePage | null>;
  /** The page of a URL, in the spelling under which it was listed. */
  findPage(source: SourceKey, url: string): Promise<SourcePage | null>;
  /** True once all pages of a round are listed, where that precedes their reading: a sitemap. */
  isListed(target: SourceRevision): Promise<boolean>;
  /** The URL of another page that is found and of which the same was read; null where there is none. */
  findTwin(source: SourceKey, page: { number: number; contentHash: string }): Promise<string | null>;
  /** A part of the file that was handed in, from 0; null behind the last. */
  readBytes(source: SourceKey, part: number): Promise<Uint8Array | null>;
}

/** Whose chunks and postings are meant: a version of a page is written in slices, and found once it is published. */
export type PageVersion = SourceKey & { number: number; version: number };

/** One row of the index: a term and its places in one page. */
export type IndexRow = { term: string; entries: Uint8Array };

/** What was read from a page, beside its text. */
export type PageReading = Pick<
  SourcePage,
  'title' | 'etag' | 'lastModified' | 'contentHash' | 'fetchedAt' | 'warnings'
>;

/** How a round leaves a page. */
export type PageEnd = {
  status: 'ready' | 'skipped' | 'failed';
  error: string | null;
  /** Null leaves what is known of it. */
  reading: PageReading | null;
  /** True where what was found of it is found no more. */
  hide: boolean;
};

/** `ready`: pages that the round has left ready. `firstError`: of the first page it has not. `chunks`: that are found. */
export type PageSums = { ready: number; firstError: string | null; chunks: number };

/**
 * A large source is never written in one transaction, which would hold up every turn of the program: a version of a page
 * is written in slices that nobody finds, made visible by `publish`, and what it replaced is removed in slices.
 */
export interface KnowledgeStore extends KnowledgeReader {
  /** With the pages it begins with. */
  insert(source: Source, content: SourceContent, pages: readonly NewPage[]): Promise<void>;
  /** Writes status, error, progress, revision and times. */
  update(source: Source): Promise<void>;
  /** Notes how far the work on a round is; false where the source wants another round by now, or is gone. */
  setProgress(target: SourceRevision, progress: number, at: number): Promise<boolean>;
  /** Adds pages that are not known yet, up to `maxPages` in all, and notes that this round has met them. */
  listPages(
    target: SourceRevision,
    pages: readonly NewPage[],
    options: { maxPages: number; at: number },
  ): Promise<void>;
  /**
   * Removes at most `limit` pages that the round has not met, and hides their chunks; true when none is left. `keepFound`:
   * only pages of which nothing is found.
   */
  removeUnlisted(target: SourceRevision, options: { limit: number; keepFound: boolean }): Promise<boolean>;
  /** Notes that all pages of the round are listed. */
  markListed(target: SourceRevision): Promise<void>;
  /** Begins a version of a page, in place of one that was never finished; null where the round or the page is gone. */
  beginVersion(target: SourceRevision, number: number): Promise<PageVersion | null>;
  /** Adds a slice; false where the version was given up meanwhile. */
  writeSlice(target: PageVersion, slice: { chunks: readonly Chunk[]; index: readonly IndexRow[] }): Promise<boolean>;
  /** Makes the version the one that is found, and the round done with the page. False where it was given up. */
  publish(target: PageVersion, outcome: { size: KnowledgeSize; reading: PageReading; round: number }): Promise<boolean>;
  /** Ends the round's work on a page without a new version. */
  endPage(target: SourceRevision, number: number, end: PageEnd): Promise<void>;
  /** Puts a page off after a failure that may pass. */
  postponePage(source: SourceKey, number: number, dueAt: number): Promise<void>;
  /** Removes a page and hides its chunks. */
  removePage(source: SourceKey, number: number): Promise<void>;
  /** Sums up the pages of a source in its row, and its progress where there are several. */
  sumUp(target: SourceRevision, at: number): Promise<PageSums>;
  /** Keeps a part of a file, from 0. */
  writeBytes(source: SourceKey, part: number, bytes: Uint8Array): Promise<void>;
  /** Removes the source with its content and pages; its chunks are found no more, and are removed by `removeUnused`. */
  remove(workspaceId: string, botId: string, sourceId: string): Promise<boolean>;
  /**
   * Removes at most `limit` chunks and as many index rows that are found no more, and a few parts of a file whose source
   * is gone; true when none is left.
   */
  removeUnused(source: SourceKey, limit: number): Promise<boolean>;
}
