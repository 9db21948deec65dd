import { Worker } from 'node:worker_threads';
import { ParleyError } from '../../core/error.ts';
import type { Row } from './connection.ts';
import type { ReadAnswer, ReadQuery } from './read-worker-thread.ts';

/** For one read, from when it begins. */
const defaultTimeoutMs = 10_000;
/** The rows of one answer are copied between threads: whoever needs more asks for pages. */
const maxRows = 10_000;
/** The thread holds one answer at a time; a query that needs more is a mistake and must not take the process with it. */
const maxHeapMb = 256;

type Waiting = {
  query: ReadQuery;
  resolve(rows: Row[]): void;
  reject(error: unknown): void;
};

/**
 * A thread for reads that are long, so that no request waits for them. It starts with the first read and has one
 * connection, which only reads; reads run one after the other (`read-workers.ts`). One that takes too long is given up together with its
 * thread, and the next begins in a new one.
 */
export class SqliteReadWorker {
  readonly #path: string;
  readonly #timeoutMs: number;
  #worker: Worker | null = null;
  #running: { waiting: Waiting; timer: NodeJS.Timeout } | null = null;
  #closed = false;

  constructor(path: string, options: { timeoutMs?: number } = {}) {
    this.#path = path;
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  }

  /** The rows of one query; the one before must have ended. Throws overloaded where it takes too long or gives too many rows. */
  all(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    if (this.#closed) return Promise.reject(closing());
    if (this.#running) return Promise.reject(new Error('the thread reads one thing at a time'));
    return new Promise((resolve, reject) => {
      this.#begin({ query: { sql, parameters, maxRows }, resolve, reject });
    });
  }

  /** Gives up what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#settle((waiting) => {
      waiting.reject(closing());
    });
    this.#worker = null;
    await worker?.terminate();
  }

  #begin(waiting: Waiting): void {
    this.#worker ??= this.#start();
    const timer = setTimeout(() => {
      this.#abandon(new ParleyError('overloaded', 'This took too long. Narrow it down: by bot, user or time.'));
    }, this.#timeoutMs);
    this.#running = { waiting, timer };
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(waiting.query);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./read-worker-thread.ts', import.meta.url), {
      workerData: { path: this.#path },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    worker.on('message', (answer: ReadAnswer) => {
      if (worker === this.#worker) this.#answer(answer);
    });
    worker.on('error', (cause) => {
      if (worker === this.#worker) this.#abandon(failed(cause));
    });
    worker.on('exit', () => {
      if (worker === this.#worker) this.#abandon(failed(new Error('the reading thread ended')));
    });
    return worker;
  }

  #answer(answer: ReadAnswer): void {
    // an idle thread does not keep the process alive
    this.#worker?.unref();
    this.#settle((waiting) => {
      if ('rows' in answer) waiting.resolve(answer.rows);
      else if ('error' in answer) waiting.reject(failed(answer.error));
      else
        waiting.reject(
          new ParleyError('overloaded', 'This gives too much at once. Narrow it down: by bot, user or time.'),
        );
    });
  }

  /** Ends the thread with what it runs; the next read starts another. */
  #abandon(error: ParleyError): void {
    const worker = this.#worker;
    this.#worker = null;
    // a statement in the middle of its work is only left at its end, which nobody waits for
    worker?.unref();
    void worker?.terminate();
    this.#settle((waiting) => {
      waiting.reject(error);
    });
  }

  #settle(how: (waiting: Waiting) => void): void {
    if (!this.#running) return;
    const { waiting, timer } = this.#running;
    this.#running = null;
    clearTimeout(timer);
    how(waiting);
  }
}

const closing = (): ParleyError => new ParleyError('storage_unavailable', 'The store is closing.');

const failed = (cause: unknown): ParleyError =>
  new ParleyError('storage_unavailable', 'The store cannot be read right now.', { cause, retryAfterSeconds: 2 });
