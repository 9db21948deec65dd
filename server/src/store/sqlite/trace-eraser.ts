import { closeSync, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { TraceAnswer, TraceRequest } from './trace-thread.ts';
import type { SqliteWriter } from './writer.ts';

/** Where others hold the log: the pause before the next try, and the tries (30 seconds) before the job is put off. */
const pauseMs = 50;
const maxTries = 600;
/** Behind each batch of pages, for those who waited for the writer. */
const breathMs = 20;

/**
 * Takes what was deleted out of the files: out of the write-ahead log, which keeps old pages until it is emptied, and out of
 * the unused parts of the database's pages (`page-gap.ts`). Reads the whole file once, in a thread of its own; writers wait
 * only while some pages are cleaned.
 */
export class TraceEraser {
  readonly #path: string;
  readonly #writer: SqliteWriter;
  readonly #program: URL;
  /** Stays open: closing any handle of the file ends the locks that SQLite holds on it in this process. */
  #file: number | null = null;
  #last: Promise<void> = Promise.resolve();

  /** `program`: what the thread runs; a test has one that dies. */
  constructor(path: string, writer: SqliteWriter, program = new URL('trace-thread.ts', import.meta.url)) {
    this.#path = path;
    this.#writer = writer;
    this.#program = program;
  }

  /** Resolves when nothing is left of what was deleted before the call. One runs at a time. */
  erase(signal: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => this.#erase(signal));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Resolves when none runs any more. */
  idle(): Promise<void> {
    return this.#last;
  }

  /** To be called when every connection is closed. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  async #erase(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#file ??= openSync(this.#path, 'r+');
    const thread = new TraceThread(this.#program, { path: this.#path, file: this.#file });
    try {
      await this.#insist(signal, thread, { kind: 'settle' });
      for (let from: number | null = 1; from !== null;) {
        signal.throwIfAborted();
        const found = await thread.ask({ kind: 'scan', from });
        if (found.kind !== 'scan') throw new Error('the thread gave another answer');
        const { pages } = found;
        if (pages.length > 0) {
          await this.#insist(signal, thread, { kind: 'clean', pages });
          await setTimeout(breathMs);
        }
        from = found.next;
      }
      // pages that were cleaned may have been written meanwhile as they were before
      await this.#insist(signal, thread, { kind: 'settle' });
    } finally {
      await thread.close();
    }
  }

  /** The writer is kept away for the request alone, and not for most of the log. */
  async #insist(signal: AbortSignal, thread: TraceThread, request: TraceRequest): Promise<void> {
    for (let tries = 0; tries < maxTries; tries++) {
      signal.throwIfAborted();
      await thread.ask({ kind: 'advance' });
      const answer = await this.#writer.exclusively(() => thread.ask(request));
      if ('done' in answer && answer.done) return;
      await setTimeout(pauseMs);
    }
    throw new Error('long reads keep the log from being emptied');
  }
}

/** One request at a time. A thread may end by itself at any moment, as one does that has no more memory. */
class TraceThread {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  /** Why nothing is answered any more. */
  #failure: Error | null = null;
  #settle: { resolve: (answer: TraceAnswer) => void; reject: (error: Error) => void } | null = null;

  constructor(program: URL, workerData: { path: string; file: number }) {
    this.#worker = new Worker(program, { workerData });
    this.#worker.on('message', (answer: TraceAnswer) => {
      if (answer.kind === 'failed') this.#settle?.reject(answer.error);
      else this.#settle?.resolve(answer);
    });
    this.#worker.on('error', (error) => {
      this.#fail(error instanceof Error ? error : new Error('the thread failed', { cause: error }));
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail(new Error('the thread ended'));
        resolve();
      });
    });
  }

  /** Throws where the thread has ended, or ends meanwhile. */
  ask(request: TraceRequest): Promise<TraceAnswer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (this.#failure) reject(this.#failure);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      else this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage('close');
    await this.#exited;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#settle?.reject(this.#failure);
  }
}
