/**
 * The port to an embedding model: one model of one provider, whose dialect, errors and address stay behind it.
 */
export interface EmbeddingModel {
  /**
   * What its vectors are kept under, `provider/model` with `#dimensions` where they were asked for: vectors of two names
   * are never compared.
   */
  readonly name: string;
  /**
   * One vector a text, in their order, each of length one. At most `maxTextsPerRequest` texts. One request, without
   * retries. Throws only `ChatModelError`, whose message is for the operator's log.
   */
  embed(texts: readonly string[], options: EmbeddingOptions): Promise<Embedded>;
  /** Ends connections that are kept open. */
  close(): Promise<void>;
}

export type EmbeddingOptions = {
  /** For the whole request. */
  timeoutMs: number;
  signal: AbortSignal;
};

export type Embedded = {
  vectors: Float32Array[];
  /** As the provider counted them; null where it said nothing that can be right. */
  tokens: number | null;
};

/** What every known provider takes in one request. */
export const maxTextsPerRequest = 64;

/** A vector with more than this is a mistake: the largest of today have 4,096. */
export const maxDimensions = 8_192;
