/** A passage of a source. */
export interface ChunksTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  /** The version of a page; found where it is the page’s `version`. */
  revision: number;
  /** The page’s number and the place in it; see `core/knowledge/page-place.ts`. */
  position: number;
  id: string;
  /** JSON list. */
  headings: string;
  text: string;
  tokens: number;
  /** Of what is embedded of it; null where an earlier version wrote it. */
  content_hash: string | null;
  /** Of a document, from 1. */
  page: number | null;
  /** Leads to the place within a web page, without `#`. */
  anchor: string | null;
}
