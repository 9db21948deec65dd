/** A passage of a source. */
export interface ChunksTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  /** Found where it is the source’s `ready_revision`. */
  revision: number;
  position: number;
  id: string;
  /** JSON list. */
  headings: string;
  text: string;
  tokens: number;
}
