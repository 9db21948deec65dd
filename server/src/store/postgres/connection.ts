import { type ClientBase, type CustomTypesConfig, Pool, type QueryResult, type QueryResultRow, types } from 'pg';
import { ParleyError } from '../../core/error.ts';
import type { ConnectionLoad } from '../../core/operations/store-observer.ts';
import { failureOf, storageError } from './failure.ts';

/** Statements that wait for a connection. Past it the server has more to do than it can, and says so. */
const maxWaiting = 1_000;
/** For a new connection, and for one of the pool to become free. */
const connectTimeoutMs = 5_000;
/** A request that holds a lock longer than this has a defect; those behind it are told to come again. */
const lockTimeoutMs = 5_000;
const defaultStatementTimeoutMs = 10_000;
/** A transaction whose process stalls must not hold its locks against every replica. */
const idleInTransactionMs = 10_000;
/** How much longer than the server a caller waits before it takes the connection for dead. */
const deadAfterMs = 5_000;
/** An idle connection is given back after this. */
const idleMs = 30_000;

/**
 * A plan is kept until new statistics or the connection's end, also one that was made while a table was small enough to be
 * read from end to end. Every query has its index. Compiling a plan costs more than any of ours takes.
 */
const planning = '-c enable_seqscan=off -c jit=off';
const longestLifeSeconds = 600;

/** How long a request waits for a database that restarts, or gives way to others, before it is refused. */
const retryBudgetMs = 2_000;
const firstPauseMs = 20;
const longestPauseMs = 500;

/** Rows, in the order of the query. */
export interface PostgresQueries {
  /** `name`: prepared once a connection under this name, which must stand for this text alone; null: not kept. */
  query<Result>(name: string | null, text: string, values: readonly unknown[]): Promise<Result[]>;
  /** Rows as lists of values in the order of the columns. */
  list<Values extends readonly unknown[]>(
    name: string | null,
    text: string,
    values: readonly unknown[],
  ): Promise<Values[]>;
  /** The number of rows changed. */
  run(name: string | null, text: string, values: readonly unknown[]): Promise<number>;
}

export type PostgresPoolOptions = {
  url: string;
  /** Connections at most. */
  size: number;
  /** 0: none, for migrations. */
  statementTimeoutMs?: number;
  /** What the server's list of connections shows. */
  applicationName?: string;
  /** Told of an idle connection that broke; it is replaced by itself. */
  onBroken?: (error: unknown) => void;
  /** The error for a statement that took too long; storage_unavailable unless given. */
  onTimeout?: () => ParleyError;
};

/**
 * - `read committed`: each statement sees what was committed before it began; for work that locks the rows it depends on.
 * - `serial`: as if such transactions ran one behind the other, as on SQLite; for work that reads and then decides.
 * - `snapshot`: reads of one moment.
 */
export type Isolation = 'read committed' | 'serial' | 'snapshot';

/**
 * Serial transactions hold it together, or one of them alone. First as the lock of a table that nobody else locks: to wait
 * for that takes no snapshot, so that whoever waited for one that ran alone sees what it wrote. A function's lock is waited
 * for behind the snapshot; it is for servers of versions that know no other. Any number that nobody else uses: "parl" in ASCII.
 */
const serialTable = 'kysely_migration_lock';
const serialLock = 0x70_61_72_6c;
/** A row that turns change all the time leaves a serializable transaction no chance; after so many it runs alone. */
const optimisticTries = 3;
/** Alone it has turns beside it still, which may overtake it (`overtaken.ts`), but seldom twice. */
const aloneTries = 2;

/**
 * The statements that begin a transaction. A serial one is serializable at first, which PostgreSQL undoes where it met
 * another; then it runs while no other does, and sees all that is committed, which gives the same certainty. Its turn comes
 * behind those of many, so that it is waited for as long as a statement may take: who gave up earlier would only stand at the
 * end of the line again.
 */
const beginOf = (isolation: Isolation, conflicts: number): string => {
  if (isolation === 'read committed') return 'begin isolation level read committed';
  if (isolation === 'snapshot') return 'begin isolation level repeatable read read only';
  const [level, mode, lock] =
    conflicts < optimisticTries
      ? ['serializable', 'row share', 'pg_advisory_xact_lock_shared']
      : ['read committed', 'exclusive', 'pg_advisory_xact_lock'];
  return `begin isolation level ${level}; set local lock_timeout = 0;
    lock table ${serialTable} in ${mode} mode; select ${lock}(${serialLock}); set local lock_timeout to default`;
};

/** bigint and numeric as numbers: ours are counts, times in milliseconds and sums of them, all below 2^53. */
const numeric = new Set<number>([types.builtins.INT8, types.builtins.NUMERIC]);
/** `\x00ff`, as bytes that own their memory, like SQLite's. */
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.slice(2), 'hex'));

/** The values that SQLite gives, of every type that our tables have. */
export const valuesAsOnSqlite: CustomTypesConfig = {
  getTypeParser: (oid) => {
    if (numeric.has(oid)) return Number;
    return oid === types.builtins.BYTEA ? bytes : types.getTypeParser(oid);
  },
};

/**
 * PostgreSQL's text holds no NUL. What people send and models say has none either; an id in an address may, and names
 * nothing then, as on SQLite.
 */
const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;

/** Statements on one connection, inside or outside a transaction. */
export class PostgresSession implements PostgresQueries {
  readonly #client: ClientBase;

  constructor(client: ClientBase) {
    this.#client = client;
  }

  async query<Result>(name: string | null, text: string, values: readonly unknown[]): Promise<Result[]> {
    return (await this.execute<Result & QueryResultRow>(name, text, values)).rows;
  }

  async list<Values extends readonly unknown[]>(
    name: string | null,
    text: string,
    values: readonly unknown[],
  ): Promise<Values[]> {
    const result = await this.#client.query<unknown[]>({
      ...(name === null ? {} : { name }),
      text,
      values: values.map(storable),
      rowMode: 'array',
    });
    return result.rows as unknown as Values[];
  }

  async run(name: string | null, text: string, values: readonly unknown[]): Promise<number> {
    return (await this.execute(name, text, values)).rowCount ?? 0;
  }

  /** Statements without values, separated by semicolons. */
  async exec(text: string): Promise<void> {
    await this.#client.query(text);
  }

  execute<Result extends QueryResultRow>(
    name: string | null,
    text: string,
    values: readonly unknown[],
  ): Promise<QueryResult<Result>> {
    return this.#client.query<Result>({ ...(name === null ? {} : { name }), text, values: values.map(storable) });
  }
}

/**
 * Connections to one PostgreSQL database, made when they are needed. What fails before anything was sent, and what
 * PostgreSQL undid for the sake of others, is tried again with growing pauses; what else the server or the network does
 * becomes storage_unavailable. A violated constraint is thrown as the driver gives it.
 */
export class PostgresPool implements PostgresQueries {
  readonly #pool: Pool;
  readonly #size: number;
  readonly #onTimeout: (() => ParleyError) | undefined;
  #closed = false;

  constructor(options: PostgresPoolOptions) {
    const statementTimeoutMs = options.statementTimeoutMs ?? defaultStatementTimeoutMs;
    this.#onTimeout = options.onTimeout;
    this.#size = options.size;
    this.#pool = new Pool({
      connectionString: options.url,
      max: options.size,
      connectionTimeoutMillis: connectTimeoutMs,
      idleTimeoutMillis: idleMs,
      keepAlive: true,
      types: valuesAsOnSqlite,
      application_name: options.applicationName ?? 'parley',
      idle_in_transaction_session_timeout: idleInTransactionMs,
      options: planning,
      maxLifetimeSeconds: longestLifeSeconds,
      ...(statementTimeoutMs === 0
        ? {}
        : {
            statement_timeout: statementTimeoutMs,
            query_timeout: statementTimeoutMs + deadAfterMs,
            lock_timeout: Math.min(lockTimeoutMs, statementTimeoutMs),
          }),
    });
    this.#pool.on('error', (error) => options.onBroken?.(error));
    // one that breaks while somebody holds it fails what it was asked; without a listener it would end the process
    this.#pool.on('connect', (client) => {
      client.on('error', () => {});
    });
  }

  query<Result>(name: string | null, text: string, values: readonly unknown[]): Promise<Result[]> {
    return this.withSession((session) => session.query<Result>(name, text, values));
  }

  list<Values extends readonly unknown[]>(
    name: string | null,
    text: string,
    values: readonly unknown[],
  ): Promise<Values[]> {
    return this.withSession((session) => session.list<Values>(name, text, values));
  }

  run(name: string | null, text: string, values: readonly unknown[]): Promise<number> {
    return this.withSession((session) => session.run(name, text, values));
  }

  /**
   * Runs `work` in one transaction on one connection, which is undone where it throws. `work` may be run several times,
   * each time with the one before undone, so it depends on nothing but its input and the database.
   */
  transaction<Result>(
    work: (session: PostgresSession) => Promise<Result>,
    options: { isolation?: Isolation } = {},
  ): Promise<Result> {
    let committing = false;
    const whole = async (session: PostgresSession, conflicts: number): Promise<Result> => {
      committing = false;
      try {
        // a serial one waits for its lock in here: where that fails the transaction has begun, and must be undone as well
        await session.exec(beginOf(options.isolation ?? 'read committed', conflicts));
        const result = await work(session);
        committing = true;
        await session.exec('commit');
        return result;
      } catch (error) {
        // with the connection the transaction is gone, too
        if (failureOf(error) !== 'lost') await session.exec('rollback');
        throw error;
      }
    };
    // a connection that breaks earlier than at the commit takes everything with it that was done
    return this.#retry(whole, () => !committing);
  }

  /**
   * Lends a connection of the pool to `work`, outside a transaction. `repeatable`: doing it twice does no harm (reads), so
   * that it is tried again on another connection where one breaks under it.
   */
  withSession<Result>(
    work: (session: PostgresSession) => Promise<Result>,
    options: { repeatable?: boolean } = {},
  ): Promise<Result> {
    return this.#retry(work, () => options.repeatable === true);
  }

  async #retry<Result>(
    work: (session: PostgresSession, conflicts: number) => Promise<Result>,
    mayRepeat: () => boolean,
  ): Promise<Result> {
    const giveUpAt = performance.now() + retryBudgetMs;
    let conflicts = 0;
    for (let tries = 1; ; tries++) {
      try {
        const met = conflicts;
        return await this.#once((session) => work(session, met));
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'conflict') conflicts += 1;
        const again = failure === 'conflict' || failure === 'unreachable' || (failure === 'lost' && mayRepeat());
        if (failure === 'timeout' && this.#onTimeout) throw this.#onTimeout();
        if (!again || this.#closed) throw storageError(error);
        if (performance.now() > giveUpAt) {
          // a crowd can take up all the time with conflicts alone; run alone, it has none, and that is tried first
          if (failure !== 'conflict' || conflicts >= optimisticTries + aloneTries) throw storageError(error);
          conflicts = Math.max(conflicts, optimisticTries);
        }
      }
      await pause(tries);
    }
  }

  /** Connections that are open, and statements that wait for one. */
  get load(): ConnectionLoad {
    const { totalCount: open, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { size: this.#size, open, idle, waiting };
  }

  /** Waits for what runs, then gives every connection back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }

  async #once<Result>(work: (session: PostgresSession) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new ParleyError('storage_unavailable', 'The store is closing.');
    if (this.#pool.waitingCount >= maxWaiting) {
      throw new ParleyError('overloaded', 'Too many queries wait for the database.', { retryAfterSeconds: 1 });
    }
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      return await work(new PostgresSession(client));
    } catch (error) {
      if (failureOf(error) === 'lost' && error instanceof Error) broken = error;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Grows with each try, and differs among those that failed together. */
const pause = (tries: number): Promise<void> => {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** tries);
  return new Promise((resolve) => {
    setTimeout(resolve, longest * (0.5 + Math.random() / 2));
  });
};
