import type { ModelContext } from './context.ts';

/**
 * The port to a language model. One client serves one provider; a vendor's dialect, its errors and its addresses stay
 * behind it.
 */
export interface ChatModel {
  /**
   * Whose prices hold for its models, as the price list names them (`openai`); absent where nobody knows, as with an
   * address that is not the vendor's own.
   */
  readonly vendor?: string;
  /** The size of the model's context in tokens, where the client knows it. */
  contextTokens(model: string): number | null;
  /**
   * Runs one request, without retries. Text is handed to `onText` as it arrives, never empty, and ends before the
   * promise settles. Throws only `ChatModelError`; when `request.signal` is aborted, one of kind `aborted`.
   */
  reply(request: ChatModelRequest, onText: (text: string) => void): Promise<ChatModelReply>;
  /** Ends connections that are kept open. */
  close(): Promise<void>;
}

export type ChatModelRequest = {
  /** The name within the provider, without its prefix. */
  model: string;
  context: ModelContext;
  temperature: number | null;
  maxReplyTokens: number | null;
  /**
   * True where somebody reads along: text comes in pieces, and what came before a cancel or a failure is kept. False
   * asks the provider for the whole answer at once, which costs less; nothing is known of it before its end, so that
   * only the limits on connecting and on the whole apply.
   */
  stream: boolean;
  timeouts: ChatModelTimeouts;
  signal: AbortSignal;
};

export type ChatModelTimeouts = {
  /** Until the connection stands. */
  connectMs: number;
  /** From the request's start to the first piece of the answer: text, or hidden thinking. Not a keep-alive. */
  firstTokenMs: number;
  /** Between two pieces of the answer. */
  idleMs: number;
  /** For the whole answer. */
  totalMs: number;
};

export type ChatModelReply = {
  finishReason: 'stop' | 'length' | 'content_filter' | 'fallback';
  /** As the provider counted it; null where it said nothing, or nothing that can be right. */
  usage: ModelUsage | null;
  /**
   * Passages the reply rests on, where the client knows them by itself (builtin). Null: they are read from the `[n]`
   * marks in the text.
   */
  citations: readonly { index: number; quote: string }[] | null;
};

/** Tokens of one request. */
export type ModelUsage = {
  /** All that were read, those from and for a cache among them. */
  inputTokens: number;
  /** All that were written, hidden thinking among them. */
  outputTokens: number;
  /** Those of the input that came from the provider's cache. */
  cachedTokens?: number;
  /** Those of the input that were put into it. */
  cacheWriteTokens?: number;
  /** Those of the output that were hidden thinking. */
  reasoningTokens?: number;
};

export type ChatModelErrorKind =
  /** The request's signal was aborted. */
  | 'aborted'
  /** Refused: no such model, a wrong key, a malformed request. Another try will not help. */
  | 'rejected'
  /** The prompt is larger than the model's context. */
  | 'context_too_long'
  /** The provider is out of capacity or of our quota there (429, 503, 529). */
  | 'overloaded'
  /** No connection, a broken stream, a 5xx. */
  | 'unavailable'
  /** One of the request's timeouts. */
  | 'timeout'
  /** The answer could not be understood. */
  | 'malformed';

const retryableKinds: ReadonlySet<ChatModelErrorKind> = new Set(['overloaded', 'unavailable', 'timeout', 'malformed']);

/**
 * A failed model call. Its message is for the operator's log: it may name a status, never a secret. Whether it is worth
 * another try is decided here, once.
 */
export class ChatModelError extends Error {
  override readonly name = 'ChatModelError';
  readonly kind: ChatModelErrorKind;
  /** The provider's HTTP status, where there was one. */
  readonly status: number | null;
  /** As long as the provider asked us to wait. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: ChatModelErrorKind,
    message: string,
    options: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }

  get retryable(): boolean {
    return retryableKinds.has(this.kind);
  }
}
