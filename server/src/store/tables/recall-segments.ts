/** The terms of some messages that follow each other; see `core/recall/segment-codec.ts`. */
export interface RecallSegmentsTable {
  workspace_id: string;
  conversation_id: string;
  first_seq: number;
  last_seq: number;
  packed: Uint8Array;
}
