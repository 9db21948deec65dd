/** Where a term stands in a source; see `core/knowledge/posting-codec.ts`. */
export interface PostingsTable {
  workspace_id: string;
  bot_id: string;
  term: string;
  source_id: string;
  entries: Uint8Array;
}
