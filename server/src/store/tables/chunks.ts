/** A passage of a source. */
export interface ChunksTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  position: number;
  id: string;
  /** JSON list. */
  headings: string;
  text: string;
  tokens: number;
}
