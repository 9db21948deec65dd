import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ChatModelError } from '../../core/turn/chat-model.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Answer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import type { Deadlines, Phase } from './deadlines.ts';
import { ErrorBody } from './error-body.ts';
import type { ExchangeResult } from './exchange-result.ts';
import { mapConnectionError } from './map-error.ts';
import { openReader } from './open-reader.ts';
import { readRetryAfter } from './retry-after.ts';

export type ExchangeOptions = {
  answer: Answer;
  deadlines: Deadlines;
  /** Whether pieces are expected, and so a limit on the first of them applies. */
  stream: boolean;
  signal: AbortSignal;
  clock: Clock;
};

/**
 * One request and its answer, as undici hands it on. It settles once, with `ExchangeResult` or `ChatModelError`; a
 * connection whose answer is not wanted any more is destroyed.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly result: Promise<ExchangeResult>;
  readonly #options: ExchangeOptions;
  readonly #abort = (): void => this.#fail(new ChatModelError('aborted', 'the request was aborted'));
  #resolve!: (result: ExchangeResult) => void;
  #reject!: (error: ChatModelError) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #reader: AnswerReader | null = null;
  #errorBody: ErrorBody | null = null;
  #settled = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    options.deadlines.watch((phase) => this.#expire(phase));
    options.signal.addEventListener('abort', this.#abort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The connection came too late; undici has no way to take back a request that waits for one.
    if (this.#settled) {
      controller.abort(new Error('no longer wanted'));
      return;
    }
    this.#controller = controller;
    this.#options.deadlines.enter(this.#options.stream ? 'first_token' : 'whole');
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx: the answer itself follows.
    if (this.#settled || status < 200) return;
    const encoding = (headers['content-encoding'] ?? '').toLowerCase();
    const encoded = encoding !== '' && encoding !== 'identity';
    if (status >= 300) {
      this.#errorBody = new ErrorBody(status, {
        encoded,
        retryAfterMs: readRetryAfter(headers, this.#options.clock()),
      });
      this.#options.deadlines.enter('idle');
    } else if (encoded) {
      this.#fail(
        new ChatModelError('malformed', 'the answer is compressed, which was not asked for', {
          status,
        }),
      );
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    if (this.#errorBody !== null) {
      if (this.#errorBody.feed(chunk)) this.#refuse(this.#errorBody);
      return;
    }
    try {
      this.#read(chunk);
    } catch (error) {
      this.#fail(asReadError(error));
    }
  }

  onResponseEnd(): void {
    if (this.#settled) {
      // The reply was settled by its last word; this is the end of its body.
      this.#release();
    } else if (this.#errorBody !== null) {
      this.#refuse(this.#errorBody);
    } else {
      this.#end();
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) this.#release();
    else if (this.#errorBody !== null) this.#refuse(this.#errorBody);
    else if (this.#options.answer.finished) {
      this.#reply();
      this.#release();
    } else this.#fail(mapConnectionError(error));
  }

  #read(chunk: Buffer): void {
    const { answer, deadlines } = this.#options;
    const before = answer.pieces;
    if (this.#reader === null) this.#reader = openReader(chunk, answer);
    else this.#reader.feed(chunk);
    if (this.#reader?.done === true) {
      // Its end mostly follows in the same packet; a body without one is not waited for long.
      deadlines.enter('finish');
      this.#reply();
    } else if (answer.finished && deadlines.phase !== 'finish') deadlines.enter('finish');
    else if (answer.pieces > before) {
      if (deadlines.phase === 'idle') deadlines.touch();
      else if (deadlines.phase === 'first_token') deadlines.enter('idle');
    }
  }

  #end(): void {
    try {
      if (this.#reader === null) throw new ChatModelError('malformed', 'the answer is empty');
      this.#reader.end();
    } catch (error) {
      this.#fail(asReadError(error));
      return;
    }
    this.#reply();
    this.#release();
  }

  #expire(phase: Phase): void {
    // Settled by `[DONE]`, and the body still has no end; or by the last word, and no usage came.
    if (this.#settled) this.#drop();
    else if (this.#errorBody !== null) this.#refuse(this.#errorBody);
    else if (this.#options.answer.finished) {
      this.#reply();
      this.#drop();
    } else this.#fail(new ChatModelError('timeout', `no answer within the limit (${phase})`));
  }

  #reply(): void {
    try {
      const reply = this.#options.answer.reply();
      this.#settled = true;
      this.#options.signal.removeEventListener('abort', this.#abort);
      this.#resolve({ kind: 'replied', reply });
    } catch (error) {
      this.#fail(asReadError(error));
    }
  }

  #refuse(errorBody: ErrorBody): void {
    this.#settled = true;
    this.#resolve(errorBody.result());
    this.#drop();
  }

  #fail(error: ChatModelError): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
    this.#drop();
  }

  /** Ends the connection where the answer has not ended by itself. */
  #drop(): void {
    const controller = this.#controller;
    this.#release();
    controller?.abort(new Error('no longer wanted'));
  }

  #release(): void {
    this.#controller = null;
    this.#options.deadlines.clear();
    this.#options.signal.removeEventListener('abort', this.#abort);
  }
}

/** What is thrown while an answer is read tells of the answer, or of a mistake of ours in reading it. */
const asReadError = (error: unknown): ChatModelError =>
  error instanceof ChatModelError
    ? error
    : new ChatModelError('malformed', 'the answer could not be read', { cause: error });
