import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** Older versions have a bug that can corrupt a database in WAL mode (https://sqlite.org/wal.html#walresetbug). */
const oldestVersion = [3, 51, 3] as const;

/**
 * How long a reading connection waits by itself, on the event loop, for the moment in which a log is opened or ended. A
 * writing one never does: `begin-immediate.ts` waits for it.
 */
const readBusyTimeoutMs = 50;

/**
 * How long opening waits, on the event loop, for another process that takes up what a killed server has left in the log:
 * whoever opens the file first does that, and nobody else can read it meanwhile. Nobody is served yet by then.
 */
const openBusyTimeoutMs = 10_000;

/**
 * Pages of 4 KB in the log before a writing connection brings them into the database by itself. It is the thread of
 * `checkpointer.ts` that does so long before; this keeps the log below 35 MB where that one cannot.
 */
const checkpointPages = 8_000;

/** Prepared statements kept by their text; admin queries have variable lists, so the texts are not a closed set. */
const maxStatements = 500;

export type Row = Record<string, unknown>;

/**
 * One connection with its prepared statements. Everything is synchronous; reads of one row through `get`, of many
 * through `all`.
 */
export class SqliteConnection {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Of a closed set of texts. */
  readonly #lists = new Map<string, StatementSync>();

  constructor(path: string, options: { readOnly: boolean }) {
    this.database = new DatabaseSync(path, {
      readOnly: options.readOnly,
      timeout: openBusyTimeoutMs,
    });
    assertVersion(this.database);
    if (!options.readOnly) {
      // FULL: with NORMAL a power cut loses every commit since the last checkpoint
      this.database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on');
      this.database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
    }
    this.database.exec('pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -32000');
    this.database.exec(`pragma busy_timeout = ${options.readOnly ? readBusyTimeoutMs : 0}`);
  }

  get isTransaction(): boolean {
    return this.database.isTransaction;
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (this.#statements.size >= maxStatements) this.#statements.clear();
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  get<Result>(sql: string, ...values: SQLInputValue[]): Result | undefined {
    return this.prepare(sql).get(...values) as Result | undefined;
  }

  all<Result>(sql: string, ...values: SQLInputValue[]): Result[] {
    return this.prepare(sql).all(...values) as Result[];
  }

  /** Rows as lists of values in the order of the columns: for the turn's path, where objects cost more than the query. */
  list<Values extends readonly unknown[]>(sql: string, ...values: SQLInputValue[]): Values[] {
    let statement = this.#lists.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      statement.setReturnArrays(true);
      this.#lists.set(sql, statement);
    }
    return statement.all(...values) as unknown as Values[];
  }

  /** The number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  close(): void {
    this.#statements.clear();
    this.#lists.clear();
    this.database.close();
  }
}

const assertVersion = (database: DatabaseSync): void => {
  const { version } = database.prepare('select sqlite_version() as version').get() as { version: string };
  const numbers = version.split('.').map(Number);
  for (const [at, oldest] of oldestVersion.entries()) {
    const number = numbers[at] ?? 0;
    if (number > oldest) return;
    if (number < oldest) throw new Error(`SQLite ${version} is too old: ${oldestVersion.join('.')} or newer is needed`);
  }
};
