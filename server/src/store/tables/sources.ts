/** A piece of a bot’s knowledge; what was handed in is in `source_contents`, so that these rows stay small. */
export interface SourcesTable {
  workspace_id: string;
  bot_id: string;
  id: string;
  type: 'text' | 'faq';
  title: string;
  url: string | null;
  status: 'queued' | 'processing' | 'ready' | 'failed';
  error: string | null;
  progress: number;
  /** Of the revision that is found: zero until one is ready. */
  chunk_count: number;
  /** Terms over all its chunks. */
  term_count: number;
  /** What the owner asked for last. */
  revision: number;
  /** Whose chunks and postings are found; null until the first is complete. */
  ready_revision: number | null;
  created_at: number;
  updated_at: number;
}
