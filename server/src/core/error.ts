import { type ErrorCode, errorCatalogue } from '@parley/protocol/error-catalogue';

export type { ErrorCode };

export type ParleyErrorOptions = {
  /** The field at fault, as a path: `items.0.question`. */
  param?: string;
  /** When the same request may be sent again. */
  retryAfterSeconds?: number;
  /** For the log alone; never shown to a caller. */
  cause?: unknown;
};

/**
 * The one error that core throws. `detail` is public and says what to do; what only the operator may read goes into
 * `cause`. Which HTTP status a code has is the catalogue's affair, not core's.
 */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly param: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, detail?: string, options: ParleyErrorOptions = {}) {
    const text = detail ?? errorCatalogue[code].advice;
    super(`${code}: ${text}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = text;
    this.param = options.param ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/** The same answer for what does not exist and for what belongs to somebody else. */
export const notFound = (noun: string): ParleyError => new ParleyError('not_found', `There is no such ${noun}.`);
