import { ParleyError } from '../../core/error.ts';
import { beginImmediate, isSqliteError } from './begin-immediate.ts';
import type { SqliteConnection } from './connection.ts';
import type { Durability } from './durability.ts';

/**
 * A unit of work: runs to its end without waiting for anything, and throws to undo itself alone. May be run twice, the
 * first time undone.
 */
export type Unit<Result> = (connection: SqliteConnection) => Result;

type QueuedUnit = {
  unit: Unit<unknown>;
  onWritten: ((result: never) => void) | undefined;
  resolve(result: unknown): void;
  reject(error: unknown): void;
};

type Settled = { queued: QueuedUnit; outcome: { result: unknown } | { error: unknown } };

/** Units that may wait. Past it the server has more to do than it can, and says so instead of growing. */
const maxQueuedUnits = 10_000;
/** Units that share one commit: bounds how long the event loop is held. */
const maxBatchUnits = 256;
/** Transactions that may wait for the connection. */
const maxWaiters = 1_000;

/**
 * The one writer. Units that arrive together run in one transaction; a promise settles only once that is on the disk. A
 * unit that throws is undone alone. What ends the transaction itself (a full disk, an I/O error, a failed commit) undoes
 * the whole batch and rejects every unit of it.
 */
export class SqliteWriter {
  readonly #connection: SqliteConnection;
  readonly durability: Durability;
  readonly #onBatch: ((units: number) => void) | undefined;
  #queue: QueuedUnit[] = [];
  #scheduled = false;
  /** True while a batch or an exclusive user has the connection. */
  #taken = false;
  #waiters: (() => void)[] = [];
  /** Batches that are committed and not yet on the disk. */
  #settling = 0;
  #lent = false;
  #closed = false;

  constructor(connection: SqliteConnection, durability: Durability, onBatch?: (units: number) => void) {
    this.#connection = connection;
    this.#onBatch = onBatch;
    this.durability = durability;
  }

  /**
   * Runs `unit` with others in one durable transaction. `onWritten` is given the result once it is committed and while it
   * is brought to the disk, for work that nobody is told of before the promise settles; it must not throw.
   */
  run<Result>(unit: Unit<Result>, onWritten?: (result: Result) => void): Promise<Result> {
    if (this.#closed) return Promise.reject(new ParleyError('storage_unavailable', 'The store is closing.'));
    if (this.#queue.length >= maxQueuedUnits) {
      return Promise.reject(new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 }));
    }
    return new Promise<Result>((resolve, reject) => {
      this.#queue.push({ unit, onWritten, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Gives the connection to `work` alone, for a transaction that must await its statements. Much slower than `run`,
   * since everybody waits: not for the turn's path.
   */
  async exclusively<Result>(work: (connection: SqliteConnection) => Promise<Result>): Promise<Result> {
    if (this.#taken) {
      if (this.#waiters.length >= maxWaiters) {
        throw new ParleyError('overloaded', 'Too many writes wait.', { retryAfterSeconds: 1 });
      }
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
    this.#taken = true;
    this.#lent = true;
    try {
      this.durability.assertSound();
      if (this.#closed) throw new ParleyError('storage_unavailable', 'The store is closing.');
      return await work(this.#connection);
    } finally {
      this.#lent = false;
      this.#passOn('batch');
    }
  }

  /** True while somebody has the connection alone, and may be doing with the file what no reader should meet. */
  get lent(): boolean {
    return this.#lent;
  }

  /** Lets what waits be written, then refuses more. */
  async close(): Promise<void> {
    while (this.#queue.length > 0 || this.#taken || this.#waiters.length > 0 || this.#settling > 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    this.#closed = true;
  }

  #schedule(): void {
    if (this.#scheduled || this.#taken) return;
    this.#scheduled = true;
    // behind the I/O of this tick, so that all requests read in it share the commit
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#taken) return;
      // what arrives while the disk is busy shares the next commit, instead of making several that wait for it in turn
      if (this.durability.busy) this.durability.whenIdle(() => this.#schedule());
      else void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#taken = true;
    try {
      const batch = this.#queue.splice(0, maxBatchUnits);
      if (batch.length > 0) await this.#commit(batch);
    } finally {
      this.#passOn('waiter');
    }
  }

  /** Gives the connection to whoever is next; the two kinds of users take turns where both wait. */
  #passOn(preferred: 'batch' | 'waiter'): void {
    const batchNext = this.#queue.length > 0 && (preferred === 'batch' || this.#waiters.length === 0);
    this.#taken = false;
    if (batchNext) {
      // a waiter must not slip in before the batch, so it is not left to the next tick
      if (this.#waiters.length > 0) void this.#drain();
      else this.#schedule();
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter) {
      this.#taken = true;
      waiter();
    }
  }

  /**
   * Units run one behind the other without savepoints, which cost a copy of every page they touch. Only where one of
   * several throws, the batch is undone and run again with a savepoint for each; units must therefore depend on nothing
   * but their input and the database.
   */
  async #commit(batch: readonly QueuedUnit[]): Promise<void> {
    let settled: Settled[];
    try {
      this.durability.assertSound();
      await beginImmediate(this.#connection);
      const results = this.#runTogether(batch);
      if (results) {
        settled = results;
      } else {
        this.#rollBack();
        await beginImmediate(this.#connection);
        settled = batch.map((queued) => ({ queued, outcome: this.#runApart(queued.unit) }));
      }
      this.#connection.exec('commit');
    } catch (cause) {
      this.#rollBack();
      rejectAll(batch, cause);
      return;
    }
    this.durability.noteCommit();
    this.#onBatch?.(batch.length);
    // behind the beginning of the sync, which runs beside it
    void this.#settle(settled);
    for (const { queued, outcome } of settled) if ('result' in outcome) queued.onWritten?.(outcome.result as never);
  }

  /** Answers a batch once it is on the disk. The writer goes on with the next one meanwhile. */
  async #settle(settled: readonly Settled[]): Promise<void> {
    this.#settling += 1;
    try {
      await this.durability.reached();
      for (const { queued, outcome } of settled) {
        if ('error' in outcome) queued.reject(outcome.error);
        else queued.resolve(outcome.result);
      }
    } catch (cause) {
      rejectAll(
        settled.map(({ queued }) => queued),
        cause,
      );
    } finally {
      this.#settling -= 1;
    }
  }

  /** Null where a unit threw. */
  #runTogether(batch: readonly QueuedUnit[]): Settled[] | null {
    try {
      return batch.map((queued) => ({ queued, outcome: { result: queued.unit(this.#connection) } }));
    } catch {
      return null;
    }
  }

  #runApart(unit: Unit<unknown>): Settled['outcome'] {
    this.#connection.exec('savepoint unit');
    try {
      const result = unit(this.#connection);
      this.#connection.exec('release unit');
      return { result };
    } catch (error) {
      // a full disk or an I/O error has already ended the whole transaction: nothing of the batch can stand
      if (!this.#connection.isTransaction) throw error;
      this.#connection.exec('rollback to unit; release unit');
      return { error: isSqliteError(error) ? storageError(error) : error };
    }
  }

  #rollBack(): void {
    if (!this.#connection.isTransaction) return;
    try {
      this.#connection.exec('rollback');
    } catch {
      // the transaction is gone already; the batch is rejected with what ended it
    }
  }
}

const rejectAll = (batch: readonly QueuedUnit[], cause: unknown): void => {
  const error = storageError(cause);
  for (const queued of batch) queued.reject(error);
};

/** What a caller may know of a failed write; the cause is for the log. */
export const storageError = (cause: unknown): ParleyError =>
  cause instanceof ParleyError
    ? cause
    : new ParleyError('storage_unavailable', 'The store cannot be written right now; nothing was changed.', {
        cause,
        retryAfterSeconds: 2,
      });
