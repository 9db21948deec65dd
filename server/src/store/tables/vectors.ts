/** The exact vector of a text, whichever passages of the bot hold it. */
export interface VectorsTable {
  workspace_id: string;
  bot_id: string;
  /** `EmbeddingModel.name`. */
  model: string;
  /** As in `chunks`. */
  content_hash: string;
  /** 32-bit floats, little-endian. */
  vector: Uint8Array;
}
