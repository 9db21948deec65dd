import type { Dispatcher } from 'undici';
import { OutboundError } from './outbound-error.ts';
import { maxSkippedBytes, skipWithinMs } from './read-body.ts';

/** What an answer says of a message that was posted; its body is read past. */
export type OutboundAnswer = { status: number; retryAfter: string | null };

/**
 * One message and what is answered, as undici hands it on. It settles once, with the answer or an OutboundError; a
 * connection whose answer does not end is destroyed. `timeoutMs`: for connecting, sending and the answer's headers.
 */
export class PostExchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<OutboundAnswer>;
  #resolve!: (answer: OutboundAnswer) => void;
  #reject!: (error: OutboundError) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #timer: NodeJS.Timeout;
  #known: OutboundAnswer | null = null;
  #skippedBytes = 0;
  #settled = false;

  constructor(timeoutMs: number) {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#giveUp('timeout'), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // the connection came too late; undici has no way to take back a request that waits for one
    if (this.#settled) controller.abort(new Error('no longer wanted'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx: the answer itself follows
    if (this.#settled || status < 200) return;
    this.#known = { status, retryAfter: [headers['retry-after'] ?? []].flat()[0] ?? null };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp('timeout'), skipWithinMs);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#skippedBytes += chunk.length;
    if (this.#skippedBytes > maxSkippedBytes) this.#giveUp('broken');
  }

  onResponseEnd(): void {
    this.#settle(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    this.#settle(error instanceof OutboundError ? error : new OutboundError('broken', { cause: error }));
  }

  /** What is known of the answer is enough, whatever becomes of its body. */
  #settle(error: OutboundError | null): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#controller = null;
    if (this.#known) this.#resolve(this.#known);
    else this.#reject(error ?? new OutboundError('broken'));
  }

  #giveUp(kind: 'timeout' | 'broken'): void {
    const controller = this.#controller;
    this.#settle(new OutboundError(kind));
    controller?.abort(new Error('no longer wanted'));
  }
}
