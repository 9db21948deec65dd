import { closeSync, fdatasync, openSync } from 'node:fs';
import { ParleyError } from '../../core/error.ts';
import { beginImmediate } from './begin-immediate.ts';
import type { SqliteConnection } from './connection.ts';

type Waiter = { commit: number; resolve: () => void; reject: (error: unknown) => void };

type DurabilityOptions = {
  onCommit?: () => void;
  onSync?: (durationMs: number) => void;
  /** Told once of a sync that failed. */
  onFailure: (error: unknown) => void;
  /** In place of `fdatasync`, for tests of its failure. */
  sync?: (file: number, done: (error: Error | null) => void) => void;
};

/**
 * From here on the commits of a writing connection are made durable beside the event loop. Whatever its file was left with
 * is synced first, together with the folder that names it.
 */
export const openDurability = async (
  connection: SqliteConnection,
  path: string,
  options: DurabilityOptions,
): Promise<Durability> => {
  // a write under `full`, which makes the log and syncs it with its folder
  await beginImmediate(connection);
  connection.exec('pragma user_version = 1; commit');
  connection.exec('pragma synchronous = normal');
  return new Durability(`${path}-wal`, options);
};

/**
 * Makes commits durable without holding the event loop. The writing connection only writes its log (`synchronous=normal`);
 * the sync that `full` would do inside the commit is done here, on the same file, by a thread of the pool, and whoever
 * waits for a commit is answered after it. The writer lets its units gather while one runs, so that the disk sets the
 * pace of the commits, and nobody else waits for it.
 *
 * A failed sync is never tried again, since the system may have dropped what it could not write: from then on everything
 * is refused until the process is started anew, which takes up what did reach the disk.
 */
export class Durability {
  readonly #file: number;
  readonly #options: DurabilityOptions;
  #committed = 0;
  #synced = 0;
  #waiters: Waiter[] = [];
  #syncing = false;
  #failure: ParleyError | null = null;
  #whenIdle: (() => void) | null = null;

  /** `logPath`: the write-ahead log, which must exist; it stays the same file as long as a connection is open. */
  constructor(logPath: string, options: DurabilityOptions) {
    this.#file = openSync(logPath, 'r+');
    this.#options = options;
  }

  /** To be called after every commit. */
  noteCommit(): void {
    this.#committed += 1;
    this.#options.onCommit?.();
  }

  /** Resolves once every commit so far is on the disk; at once where it is. Throws storage_unavailable. */
  reached(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#synced === this.#committed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ commit: this.#committed, resolve, reject });
      this.#sync();
    });
  }

  /** True while a sync runs. */
  get busy(): boolean {
    return this.#syncing;
  }

  /** Calls `next` when the sync that runs has ended; replaces what was to be called before. */
  whenIdle(next: () => void): void {
    this.#whenIdle = next;
  }

  /** Throws where a sync has failed. */
  assertSound(): void {
    if (this.#failure) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.reached().catch(() => {});
    closeSync(this.#file);
  }

  #sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    const covered = this.#committed;
    const begun = performance.now();
    (this.#options.sync ?? fdatasync)(this.#file, (error) => {
      this.#syncing = false;
      if (error) {
        this.#fail(error);
        return;
      }
      this.#options.onSync?.(performance.now() - begun);
      this.#synced = covered;
      const waiters = this.#waiters;
      this.#waiters = waiters.filter(({ commit }) => commit > covered);
      for (const { commit, resolve } of waiters) if (commit <= covered) resolve();
      if (this.#waiters.length > 0) this.#sync();
      else this.#wake();
    });
  }

  #wake(): void {
    const next = this.#whenIdle;
    this.#whenIdle = null;
    next?.();
  }

  #fail(cause: Error): void {
    this.#failure = new ParleyError('storage_unavailable', 'The disk failed; the server must be started anew.', {
      cause,
      retryAfterSeconds: 10,
    });
    for (const { reject } of this.#waiters.splice(0)) reject(this.#failure);
    this.#wake();
    this.#options.onFailure(cause);
  }
}
