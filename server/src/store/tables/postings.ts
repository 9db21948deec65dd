/** Where a term stands in a source; see `core/knowledge/posting-codec.ts`. */
export interface PostingsTable {
  workspace_id: string;
  bot_id: string;
  term: string;
  source_id: string;
  /** Found where it is the source’s `ready_revision`. */
  revision: number;
  entries: Uint8Array;
}
