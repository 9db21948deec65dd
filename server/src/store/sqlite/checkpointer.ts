import { Worker } from 'node:worker_threads';
import type { SqliteConnection } from './connection.ts';

/** Commits between two looks at the length of the log. */
const commitsBetweenLooks = 25;
/**
 * Pages of 4 KB in the log that are worth a checkpoint: the pages that every turn changes are brought over once for many
 * turns, and a restart has little to read again.
 */
const pagesWorthIt = 2_000;

/**
 * Brings the log into the database in a thread of its own, so that no request waits for it. Writers and readers go on
 * meanwhile. Where it cannot keep up, or does not run, the writing connection does the rest by itself.
 */
export class Checkpointer {
  readonly #path: string;
  readonly #connection: SqliteConnection;
  readonly #program: URL;
  #worker: Worker | null = null;
  #running = false;
  #commits = 0;
  #closed = false;

  /**
   * `connection`: the writing one, which is asked how long the log has become. `program`: what the thread runs; a test has
   * one that dies.
   */
  constructor(path: string, connection: SqliteConnection, program = new URL('checkpoint-thread.ts', import.meta.url)) {
    this.#path = path;
    this.#connection = connection;
    this.#program = program;
  }

  /** To be called between transactions of the writing connection. */
  noteCommit(): void {
    this.#commits += 1;
    if (this.#commits < commitsBetweenLooks || this.#running || this.#closed) return;
    this.#commits = 0;
    if (this.#waitingPages() < pagesWorthIt) return;
    this.#running = true;
    this.#worker ??= this.#start();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#worker.postMessage(null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  /** Pages in the log that are not in the database yet (https://sqlite.org/pragma.html#pragma_wal_checkpoint). */
  #waitingPages(): number {
    try {
      const state = this.#connection.get<{ log: number; checkpointed: number }>('pragma wal_checkpoint(noop)');
      return state ? state.log - state.checkpointed : 0;
    } catch {
      // what was committed stands, whatever this look meets
      return 0;
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#program, { workerData: { path: this.#path } });
    worker.unref();
    worker.on('message', () => {
      this.#running = false;
    });
    // the next one is tried with a new thread, and the writing connection bounds the log until then
    const forget = () => {
      if (worker !== this.#worker) return;
      this.#running = false;
      this.#worker = null;
    };
    worker.on('error', forget);
    // a thread may also end without an error
    worker.on('exit', forget);
    return worker;
  }
}
