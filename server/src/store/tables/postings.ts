/** Where a term stands in a page; see `core/knowledge/posting-codec.ts`. */
export interface PostingsTable {
  workspace_id: string;
  bot_id: string;
  term: string;
  source_id: string;
  /** The version of a page; found where it is the page’s `version`. */
  revision: number;
  entries: Uint8Array;
}
