/**
 * - `waiting`: not read yet, in this round or at all.
 * - `skipped`: left out on purpose: it is the copy of another, or must not be indexed.
 */
export type PageStatus = 'waiting' | 'ready' | 'skipped' | 'failed';

/** What of a source is read, found and refreshed by itself. A text, an FAQ or a file is one page. */
export type SourcePage = {
  id: string;
  sourceId: string;
  /** From 0, in the order of their finding; unique in the source. */
  number: number;
  /** Null where it was handed in and not fetched. */
  url: string | null;
  /** Links between it and where the crawl began. */
  depth: number;
  /** From the page itself. */
  title: string | null;
  status: PageStatus;
  /** Why it is not ready, for the owner of the source. */
  error: string | null;
  /** Tries of this round that failed and may be repeated. */
  failures: number;
  /** Not to be read before. */
  dueAt: number;
  /** The last round that was done with it. */
  readRound: number;
  etag: string | null;
  lastModified: string | null;
  contentHash: string | null;
  /** Whose chunks are found; null where none are. */
  version: number | null;
  chunkCount: number;
  fetchedAt: number | null;
  /** What was passed over in what is found of it, for the owner of the source; at most `maxWarnings`. */
  warnings: readonly string[];
  createdAt: number;
};

/** A page before it was read. */
export type NewPage = Pick<SourcePage, 'url' | 'depth'>;
