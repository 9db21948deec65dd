import type { Gate } from '../../kit/gate.ts';
import { longReadGate, longReadOwner, longReadPlaces } from '../long-reads.ts';
import type { Row } from './connection.ts';
import { SqliteReadWorker } from './read-worker.ts';

/** The threads for long reads. Workspaces take turns, and none has all threads: see `long-reads.ts`. */
export class SqliteReadWorkers {
  readonly #gate: Gate = longReadGate();
  readonly #idle: SqliteReadWorker[];
  readonly #all: readonly SqliteReadWorker[];

  constructor(path: string, options: { timeoutMs?: number } = {}) {
    this.#all = Array.from({ length: longReadPlaces }, () => new SqliteReadWorker(path, options));
    this.#idle = [...this.#all];
  }

  /**
   * The rows of one query. Throws overloaded where too many wait, of all or of this workspace, where it takes too long or
   * gives too many rows.
   */
  all(workspaceId: string | null, sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.#gate.run(longReadOwner(workspaceId), async () => {
      // the one that was used last has its thread already
      const worker = this.#idle.pop();
      if (!worker) throw new Error('there are as many threads as places');
      try {
        return await worker.all(sql, parameters);
      } finally {
        this.#idle.push(worker);
      }
    });
  }

  /** Gives up what runs; what waits is refused in its turn. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.close()));
  }
}
