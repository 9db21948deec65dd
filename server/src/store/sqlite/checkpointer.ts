import { Worker } from 'node:worker_threads';

/**
 * Commits between two checkpoints: some megabytes of log, so that the pages that every turn changes are brought over once
 * for many turns, and a restart has little to read again.
 */
const commitsBetween = 500;

/**
 * Brings the log into the database in a thread of its own, so that no request waits for it. Writers and readers go on
 * meanwhile. Where it cannot keep up, or does not run, the writing connection does the rest by itself.
 */
export class Checkpointer {
  readonly #path: string;
  #worker: Worker | null = null;
  #running = false;
  #commits = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  noteCommit(): void {
    this.#commits += 1;
    if (this.#commits < commitsBetween || this.#running || this.#closed) return;
    this.#commits = 0;
    this.#running = true;
    this.#worker ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#worker.postMessage(null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('checkpoint-thread.ts', import.meta.url), { workerData: { path: this.#path } });
    worker.unref();
    worker.on('message', () => {
      this.#running = false;
    });
    worker.on('error', () => {
      // the next one is tried with a new thread, and the writing connection bounds the log until then
      this.#running = false;
      this.#worker = null;
    });
    return worker;
  }
}
