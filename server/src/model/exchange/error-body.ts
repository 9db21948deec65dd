import type { ExchangeResult } from './exchange-result.ts';
import { MAX_ERROR_BODY_BYTES } from './limits.ts';

/** The answer to a request that was refused: its status, and the beginning of its body. */
export class ErrorBody {
  readonly #status: number;
  readonly #encoded: boolean;
  readonly #retryAfterMs: number | null;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(status: number, options: { encoded: boolean; retryAfterMs: number | null }) {
    this.#status = status;
    this.#encoded = options.encoded;
    this.#retryAfterMs = options.retryAfterMs;
  }

  /** True once enough was read. */
  feed(chunk: Buffer): boolean {
    this.#chunks.push(chunk.subarray(0, MAX_ERROR_BODY_BYTES - this.#bytes));
    this.#bytes += chunk.length;
    return this.#bytes >= MAX_ERROR_BODY_BYTES;
  }

  /** The text is empty where it was compressed, which we do not undo. */
  result(): ExchangeResult {
    return {
      kind: 'refused',
      status: this.#status,
      body: this.#encoded ? '' : Buffer.concat(this.#chunks).toString('utf8'),
      retryAfterMs: this.#retryAfterMs,
    };
  }
}
