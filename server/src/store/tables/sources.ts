/** A piece of a bot’s knowledge; what was handed in is in `source_contents`, so that these rows stay small. */
export interface SourcesTable {
  workspace_id: string;
  bot_id: string;
  id: string;
  type: 'text' | 'faq' | 'file' | 'url' | 'sitemap' | 'site';
  title: string;
  url: string | null;
  status: 'queued' | 'processing' | 'ready' | 'failed';
  error: string | null;
  progress: number;
  /** Over the versions of its pages that are found. */
  chunk_count: number;
  /** Terms over all its chunks. */
  term_count: number;
  /** Languages of its texts, with spaces between. */
  languages: string;
  /** The round of reading that the owner asked for last. */
  revision: number;
  /** The last round that was complete. */
  ready_revision: number | null;
  /** Counts the versions of its pages. */
  last_version: number;
  /** The last round whose pages were all listed before they were read, for a sitemap. */
  listed_round: number;
  pages_known: number;
  pages_done: number;
  pages_failed: number;
  created_at: number;
  updated_at: number;
}
