/** Turns the bytes of a body into the values of an `Answer`. Both methods throw only `ChatModelError`. */
export type AnswerReader = {
  feed(chunk: Buffer): void;
  /** The body is complete. Throws where the answer is not. */
  end(): void;
  /** True once nothing that follows matters. */
  readonly done: boolean;
};
