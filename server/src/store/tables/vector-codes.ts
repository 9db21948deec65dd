/** A vector as it is scanned. Apart from the exact one, so that reading a bot's costs a quarter. */
export interface VectorCodesTable {
  workspace_id: string;
  bot_id: string;
  model: string;
  content_hash: string;
  /** See `kit/vectors/quantise.ts`. */
  code: Uint8Array;
}
