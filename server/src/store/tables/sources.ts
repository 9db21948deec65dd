/** A piece of a bot’s knowledge as it was handed in. */
export interface SourcesTable {
  workspace_id: string;
  bot_id: string;
  id: string;
  type: 'text' | 'faq';
  title: string;
  url: string | null;
  /** JSON of `SourceContent`. */
  content: string;
  status: 'queued' | 'processing' | 'ready' | 'failed';
  error: string | null;
  progress: number;
  chunk_count: number;
  /** Terms over all its chunks. */
  term_count: number;
  revision: number;
  created_at: number;
  updated_at: number;
}
