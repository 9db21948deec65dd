import { Worker } from 'node:worker_threads';
import type { ScanResult } from './vector-index.ts';
import type { VectorAnswer, VectorRequest } from './vector-thread.ts';

/** Requests under way: a scan takes milliseconds, so a longer line would be answered after everybody had gone. */
const maxWaiting = 1_000;

type Waiting = { resolve(answer: VectorAnswer): void; reject(error: Error): void };

/**
 * Vectors in the memory of a thread, by collection and group, and the scan over them beside the event loop. The thread is
 * started by the first vectors; where it breaks everything in it is gone, `onLost` is called, and the next begins empty.
 */
export class VectorScanner {
  readonly #maxBytes: number;
  readonly #onLost: (error: Error) => void;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | null = null;
  #closed = false;

  constructor(options: { maxBytes: number; onLost: (error: Error) => void }) {
    this.#maxBytes = options.maxBytes;
    this.#onLost = options.onLost;
  }

  /** False where the memory is full, or the vectors are of another length than those of the collection. */
  async add(
    collection: string,
    group: string,
    rows: readonly { position: number; packed: Uint8Array }[],
  ): Promise<boolean> {
    const answer = await this.#ask({ kind: 'add', collection, group, rows: [...rows] });
    return 'added' in answer && answer.added;
  }

  async removeGroup(collection: string, group: string): Promise<void> {
    if (this.#worker !== null) await this.#ask({ kind: 'removeGroup', collection, group });
  }

  async remove(collection: string): Promise<void> {
    if (this.#worker !== null) await this.#ask({ kind: 'remove', collection });
  }

  /** Null where nothing is there, or the query is of another length. Throws where too many wait, or the thread broke. */
  async search(collection: string, query: Float32Array, limit: number): Promise<ScanResult | null> {
    if (this.#worker === null) return null;
    const answer = await this.#ask({ kind: 'search', collection, query, limit });
    return 'found' in answer ? answer.found : null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#end(new Error('the server stops'));
  }

  #ask(request: VectorRequest): Promise<VectorAnswer> {
    if (this.#closed) return Promise.reject(new Error('the server stops'));
    if (this.#waiting.length >= maxWaiting) return Promise.reject(new Error('too many wait for the vectors'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker ??= this.#start();
      this.#worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('vector-thread.ts', import.meta.url), {
      workerData: { maxBytes: this.#maxBytes },
    });
    worker.on('message', (answer: VectorAnswer) => {
      if (worker !== this.#worker) return;
      this.#waiting.shift()?.resolve(answer);
      // an idle thread does not keep the process alive
      if (this.#waiting.length === 0) worker.unref();
    });
    const lost = (error: Error): void => {
      if (worker !== this.#worker) return;
      void this.#end(error);
      this.#onLost(error);
    };
    worker.on('error', lost);
    worker.on('exit', () => lost(new Error('the thread of the vectors ended')));
    return worker;
  }

  async #end(error: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
    await worker?.terminate();
  }
}
