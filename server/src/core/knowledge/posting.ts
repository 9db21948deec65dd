/** Where a chunk stands. */
export type ChunkPlace = { sourceId: string; position: number };

/** The places where one term stands in one page of a source. */
export type Posting = {
  sourceId: string;
  /** Chunk positions with the term's count and the chunk's length in terms; see `posting-codec.ts`. */
  entries: Uint8Array;
};
