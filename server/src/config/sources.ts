import type { ValueReader } from './value-reader.ts';

/** What a source of knowledge may be, and how sites are read. */
export type SourcesConfig = Readonly<{
  /** Of a file that is uploaded. */
  maxFileBytes: number;
  /** Of one sitemap or site. */
  maxPages: number;
  /** Between two requests to one server. */
  crawlDelayMs: number;
}>;

/** No parser takes more. */
const mostFileBytes = 20_000_000;
/** What one round of reading keeps in view; larger sites are divided. */
const mostPages = 2_000;

export const readSources = (read: ValueReader): SourcesConfig => ({
  maxFileBytes: read.integer('PARLEY_MAX_FILE_BYTES', 1_000, mostFileBytes),
  maxPages: read.integer('PARLEY_MAX_SOURCE_PAGES', 1, mostPages),
  crawlDelayMs: read.integer('PARLEY_CRAWL_DELAY_MS', 0, 60_000),
});
