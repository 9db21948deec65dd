/** A page of a source: what is read, found and refreshed by itself. A text, an FAQ or a file is one page, with number 0. */
export interface SourcePagesTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  /** In the order of their finding; a part of the position of every chunk. */
  number: number;
  id: string;
  /** Null where it was handed in and not fetched. */
  url: string | null;
  /** Of the URL, unique in the source; empty where there is none. */
  url_hash: string;
  /** Links between it and where the crawl began. */
  depth: number;
  /** From the page itself. */
  title: string | null;
  status: 'waiting' | 'ready' | 'skipped' | 'failed';
  error: string | null;
  /** Tries that failed in this round and may be repeated. */
  failures: number;
  /** Not to be read before. */
  due_at: number;
  /** The last round (`sources.revision`) that met it. */
  listed_round: number;
  /** The last round that was done with it. */
  read_round: number;
  etag: string | null;
  last_modified: string | null;
  /** Of what was read from it, so that an unchanged page is left as it is. */
  content_hash: string | null;
  /** Whose chunks and postings are found; null where none are. */
  version: number | null;
  /** What is being written. */
  pending_version: number | null;
  /** Of the version that is found. */
  chunk_count: number;
  term_count: number;
  fetched_at: number | null;
  /** A JSON list of what was passed over in it; null where that is nothing. */
  warnings: string | null;
  created_at: number;
}
