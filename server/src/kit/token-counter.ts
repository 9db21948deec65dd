import { Worker } from 'node:worker_threads';
import { estimateTokens } from './token-estimate.ts';

/** What the tokenizer is given at most; a context of that size is estimated. 1 MB takes it half a second. */
const maxCharacters = 1_000_000;
/** Its time grows with the square of a run of letters. No language has words of that length. */
const maxRunCharacters = 1_000;
/** How long an answer is waited for, the tokenizer's 300 ms of loading included; a busy machine takes longer. */
const waitMs = 5_000;
/** Texts that may wait for it at once. */
const maxWaiting = 256;
/** Without work for so long the thread ends, and gives its 70 MB back. */
const idleMs = 60_000;

export type TokenCounter = {
  /** The tokens of a text under o200k_base; the estimate where the tokenizer cannot be waited for. Never throws. */
  count(text: string): Promise<number>;
  close(): void;
};

type Waiting = { text: string; settle: (tokens: number) => void; timer: NodeJS.Timeout };

/** Counts with the real tokenizer, in a thread that is started when the first text comes. */
export const createTokenCounter = (): TokenCounter => new ThreadedCounter();

class ThreadedCounter implements TokenCounter {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  #lastId = 0;
  #closed = false;

  count(text: string): Promise<number> {
    if (this.#closed || this.#waiting.size >= maxWaiting || !isCountable(text)) {
      return Promise.resolve(estimateTokens(text));
    }
    return new Promise((settle) => {
      const id = (this.#lastId += 1);
      const timer = setTimeout(() => this.#giveUp(), waitMs);
      this.#waiting.set(id, { text, settle, timer });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#thread().postMessage({ id, text });
    });
  }

  close(): void {
    this.#closed = true;
    this.#giveUp();
  }

  #thread(): Worker {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('token-counter-thread.ts', import.meta.url));
    worker.on('message', ({ id, tokens }: { id: number; tokens: number }) => this.#settle(id, tokens));
    worker.on('error', () => {
      if (this.#worker === worker) this.#giveUp();
    });
    // A server that stops does not wait for it.
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #settle(id: number, tokens: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.settle(tokens);
    if (this.#waiting.size > 0 || this.#closed) return;
    this.#idle = setTimeout(() => this.#end(), idleMs);
    this.#idle.unref();
  }

  /** A thread that is late is ended, and everything that waits for it is estimated. */
  #giveUp(): void {
    this.#end();
    for (const { text, settle, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      settle(estimateTokens(text));
    }
    this.#waiting.clear();
  }

  #end(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    void this.#worker?.terminate();
    this.#worker = null;
  }
}

/** False for what would take the tokenizer too long. */
const isCountable = (text: string): boolean => {
  if (text.length > maxCharacters) return false;
  let run = 0;
  for (let at = 0; at < text.length; at += 1) {
    // White space, and in most texts a sign before long, ends a run.
    run = isLetter(text.charCodeAt(at)) ? run + 1 : 0;
    if (run > maxRunCharacters) return false;
  }
  return true;
};

/** Roughly: what is no letter in ASCII ends a run, everything beyond ASCII counts as one. */
const isLetter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code > 0x7f;
