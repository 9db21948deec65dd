/** A file that was handed in, in parts of bounded size. */
export interface SourceBytesTable {
  workspace_id: string;
  bot_id: string;
  source_id: string;
  /** From 0. */
  part: number;
  bytes: Uint8Array;
}
