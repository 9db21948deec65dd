/** What was handed in as a source, kept as it came. */
export interface SourceContentsTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  /** JSON of `SourceContent`. */
  content: string;
}
