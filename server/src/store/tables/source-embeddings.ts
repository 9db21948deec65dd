/** How far the embedding of a source is. */
export interface SourceEmbeddingsTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  /** Under which its texts are embedded. */
  model: string;
  status: 'processing' | 'ready' | 'failed';
  /** Of `total` passages. */
  embedded: number;
  total: number;
  /** What was wrong, for the owner of the source. */
  error: string | null;
  updated_at: number;
}
