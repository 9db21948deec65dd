import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Deadlines } from '../exchange/deadlines.ts';
import { ErrorBody } from '../exchange/error-body.ts';
import type { ExchangeResult } from '../exchange/exchange-result.ts';
import { MAX_EVENT_CHARS, MAX_JSON_BYTES, MAX_STREAM_BYTES } from '../exchange/limits.ts';
import { mapConnectionError } from '../exchange/map-error.ts';
import { readRetryAfter } from '../exchange/retry-after.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const blankLine = Uint8Array.of(LINE_FEED, LINE_FEED);

/** What may wait between the connection and the package before the connection is asked to pause. */
const BUFFER_BYTES = 256 * 1024;

export type VendorResponseOptions = {
  deadlines: Deadlines;
  stream: boolean;
  clock: Clock;
  /** The answer is an error; what it says is all that is wanted of it. */
  onRefused: (refusal: Extract<ExchangeResult, { kind: 'refused' }>) => void;
  onFailed: (error: ChatModelError) => void;
};

/** How a fetch ends whose answer is no use to the package: the reason is kept beside it. */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/**
 * One answer as a fetch gives it, within our limits. A connection that breaks ends the body as if it were complete: the
 * package alone knows whether the reply was, and what broke is kept beside it.
 */
export class VendorResponse implements Dispatcher.DispatchHandler {
  readonly response: Promise<Response>;
  readonly #options: VendorResponseOptions;
  #resolve!: (response: Response) => void;
  #reject!: (error: Unanswered) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #body: ReadableStreamDefaultController<Uint8Array> | null = null;
  #errorBody: ErrorBody | null = null;
  #bytes = 0;
  #lineBytes = 0;
  #ended = false;

  constructor(options: VendorResponseOptions) {
    this.#options = options;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may be refused before the package waits for it.
    this.response.catch(() => undefined);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#ended) {
      controller.abort(new Error('no longer wanted'));
      return;
    }
    this.#controller = controller;
    this.#options.deadlines.enter(this.#options.stream ? 'first_token' : 'whole');
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx: the answer itself follows.
    if (this.#ended || status < 200) return;
    const encoding = (headers['content-encoding'] ?? '').toLowerCase();
    const encoded = encoding !== '' && encoding !== 'identity';
    if (status >= 300) {
      const retryAfterMs = readRetryAfter(headers, this.#options.clock());
      this.#errorBody = new ErrorBody(status, { encoded, retryAfterMs });
      this.#options.deadlines.enter('idle');
    } else if (encoded) {
      this.#fail(new ChatModelError('malformed', 'the answer is compressed, which was not asked for', { status }));
    } else {
      this.#resolve(new Response(this.#openBody(), { status: 200, headers: plainHeaders(headers) }));
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    if (this.#errorBody !== null) {
      if (this.#errorBody.feed(chunk)) this.#refuse(this.#errorBody);
      return;
    }
    const excess = this.#measure(chunk);
    if (excess !== null) {
      this.#fail(new ChatModelError('malformed', excess));
      return;
    }
    // Copied, since undici uses its memory again.
    this.#body?.enqueue(Uint8Array.from(chunk));
    if ((this.#body?.desiredSize ?? 0) <= 0) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#ended) return;
    if (this.#errorBody !== null) {
      this.#refuse(this.#errorBody);
      return;
    }
    // Some servers leave out the blank line after the last event.
    if (this.#options.stream && this.#bytes > 0 && this.#lineBytes === 0) this.#body?.enqueue(blankLine);
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#ended) return;
    if (this.#errorBody === null) this.#fail(mapConnectionError(error));
    else this.#refuse(this.#errorBody);
  }

  /** A limit on time has passed. True where an error status had come, which says more than the limit. */
  expire(): boolean {
    if (this.#ended || this.#errorBody === null) return false;
    this.#refuse(this.#errorBody);
    return true;
  }

  /** Nobody wants the rest. */
  drop(): void {
    if (!this.#ended) this.#end();
    this.#controller?.abort(new Error('no longer wanted'));
    this.#controller = null;
  }

  #openBody(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (body) => {
          this.#body = body;
        },
        pull: () => this.#controller?.resume(),
        cancel: () => {
          this.#body = null;
          this.drop();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
    );
  }

  /** What the answer has too much of; null while it is within bounds. */
  #measure(chunk: Buffer): string | null {
    this.#bytes += chunk.length;
    const limit = this.#options.stream ? MAX_STREAM_BYTES : MAX_JSON_BYTES;
    if (this.#bytes > limit) return `the answer is larger than ${limit} bytes`;
    if (!this.#options.stream) return null;
    const lineEnd = Math.max(chunk.lastIndexOf(LINE_FEED), chunk.lastIndexOf(CARRIAGE_RETURN));
    this.#lineBytes = lineEnd < 0 ? this.#lineBytes + chunk.length : chunk.length - lineEnd - 1;
    return this.#lineBytes > MAX_EVENT_CHARS ? `an event is longer than ${MAX_EVENT_CHARS} characters` : null;
  }

  #refuse(errorBody: ErrorBody): void {
    const result = errorBody.result();
    if (result.kind === 'refused') this.#options.onRefused(result);
    this.drop();
  }

  #fail(error: ChatModelError): void {
    this.#options.onFailed(error);
    this.drop();
  }

  #end(): void {
    this.#ended = true;
    this.#reject(new Unanswered('no answer'));
    this.#body?.close();
    this.#body = null;
  }
}

const plainHeaders = (headers: IncomingHttpHeaders): Headers => {
  const plain = new Headers();
  const type = headers['content-type'];
  if (type !== undefined) plain.set('content-type', type);
  return plain;
};
