/** A version of a page that is found no more, and whose chunks and postings are still to be removed. */
export interface RetiredVersionsTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  version: number;
}
