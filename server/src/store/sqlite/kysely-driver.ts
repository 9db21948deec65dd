import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SQLInputValue } from 'node:sqlite';
import { beginImmediate } from './begin-immediate.ts';
import type { SqliteConnection } from './connection.ts';
import type { SqliteReadWorkers } from './read-workers.ts';
import type { SqliteWriter } from './writer.ts';

/**
 * How Kysely reaches the database: by a connection that is asked for with each query and shows what is committed, one that
 * nobody else has, the threads for long reads in a workspace's turn, or the one writer. What was read is told once `reached` resolves.
 */
type Access =
  | { committed: () => SqliteConnection; reached?: () => Promise<void> }
  | { alone: SqliteConnection }
  | { workers: SqliteReadWorkers; workspaceId: string | null; reached: () => Promise<void> }
  | { connection: SqliteConnection; writer: SqliteWriter };

/** Kysely over one of our connections: the reading ones as they are, the writing one through the writer's turn. */
export const kyselyDialect = (access: Access): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => createDriver(access),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

const createDriver = (access: Access): Driver => {
  if ('committed' in access) return new ReaderDriver(new ReadingKyselyConnection(access.committed), access.reached);
  if ('alone' in access) return new ReaderDriver(new SqliteKyselyConnection(access.alone));
  if ('workers' in access) return new ReaderDriver(new WorkerKyselyConnection(access), access.reached);
  return new WriterDriver(access);
};

const refuseStream = (): never => {
  throw new Error('rows are not streamed: ask for a page');
};

class SqliteKyselyConnection implements DatabaseConnection {
  readonly #connection: SqliteConnection;
  readonly #onChange: () => void;

  constructor(connection: SqliteConnection, onChange: () => void = () => {}) {
    this.#connection = connection;
    this.#onChange = onChange;
  }

  executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    const statement = this.#connection.prepare(query.sql);
    const values = query.parameters as SQLInputValue[];
    if (statement.columns().length > 0) return Promise.resolve({ rows: statement.all(...values) as Result[] });
    const { changes, lastInsertRowid } = statement.run(...values);
    this.#onChange();
    return Promise.resolve({ rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) });
  }

  streamQuery = refuseStream;
}

/** Every statement that it is given reads. */
class ReadingKyselyConnection implements DatabaseConnection {
  readonly #committed: () => SqliteConnection;

  constructor(committed: () => SqliteConnection) {
    this.#committed = committed;
  }

  executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    const rows = this.#committed().all<Result>(query.sql, ...(query.parameters as SQLInputValue[]));
    return Promise.resolve({ rows });
  }

  streamQuery = refuseStream;
}

class WorkerKyselyConnection implements DatabaseConnection {
  readonly #access: Extract<Access, { workers: SqliteReadWorkers }>;

  constructor(access: Extract<Access, { workers: SqliteReadWorkers }>) {
    this.#access = access;
  }

  async executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    const { workers, workspaceId } = this.#access;
    return { rows: (await workers.all(workspaceId, query.sql, query.parameters)) as Result[] };
  }

  streamQuery = refuseStream;
}

const refuse = (): Promise<never> => Promise.reject(new Error('the reading connection has no transactions'));

class ReaderDriver implements Driver {
  readonly #connection: DatabaseConnection;
  readonly #reached: (() => Promise<void>) | undefined;

  constructor(connection: DatabaseConnection, reached?: () => Promise<void>) {
    this.#connection = connection;
    this.#reached = reached;
  }

  async init(): Promise<void> {}
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }
  beginTransaction = refuse;
  commitTransaction = refuse;
  rollbackTransaction = refuse;
  /** Kysely gives the rows to whoever asked behind this. */
  async releaseConnection(): Promise<void> {
    await this.#reached?.();
  }
  async destroy(): Promise<void> {}
}

/** Takes the writer for as long as Kysely holds the connection: one query, or one transaction. */
class WriterDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #writer: SqliteWriter;
  readonly #releases = new WeakMap<DatabaseConnection, () => void>();

  constructor({ connection, writer }: Extract<Access, { writer: SqliteWriter }>) {
    this.#connection = connection;
    this.#writer = writer;
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    return new Promise((resolve, reject) => {
      this.#writer
        .exclusively(
          (connection) =>
            new Promise<void>((release) => {
              const held = new SqliteKyselyConnection(connection, () => this.#noteChange());
              this.#releases.set(held, release);
              resolve(held);
            }),
        )
        .catch(reject);
    });
  }

  /** A change outside a transaction is one by itself. */
  #noteChange(): void {
    if (!this.#connection.isTransaction) this.#writer.durability.noteCommit();
  }

  beginTransaction(): Promise<void> {
    return beginImmediate(this.#connection);
  }

  async commitTransaction(): Promise<void> {
    this.#connection.exec('commit');
    this.#writer.durability.noteCommit();
  }

  async rollbackTransaction(): Promise<void> {
    if (this.#connection.isTransaction) this.#connection.exec('rollback');
  }

  /** Kysely's promise settles behind this, so that nothing is answered before it is on the disk. */
  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#releases.get(connection)?.();
    await this.#writer.durability.reached();
  }

  async destroy(): Promise<void> {}
}
