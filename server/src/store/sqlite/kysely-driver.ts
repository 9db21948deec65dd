import {
  CompiledQuery,
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
import type { SqliteWriter } from './writer.ts';

/** Kysely over one of our connections: the reading one as it is, the writing one through the writer's turn. */
export const kyselyDialect = (access: { reader: SqliteConnection } | { connection: SqliteConnection; writer: SqliteWriter }): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => ('reader' in access ? new ReaderDriver(access.reader) : new WriterDriver(access)),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

class SqliteKyselyConnection implements DatabaseConnection {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    const statement = this.#connection.prepare(query.sql);
    const values = query.parameters as SQLInputValue[];
    if (statement.columns().length > 0) return Promise.resolve({ rows: statement.all(...values) as Result[] });
    const { changes, lastInsertRowid } = statement.run(...values);
    return Promise.resolve({ rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) });
  }

  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows are not streamed on the main thread: ask for a page');
  }
}

const refuse = (): Promise<never> => Promise.reject(new Error('the reading connection has no transactions'));

class ReaderDriver implements Driver {
  readonly #connection: SqliteKyselyConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = new SqliteKyselyConnection(connection);
  }

  async init(): Promise<void> {}
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }
  beginTransaction = refuse;
  commitTransaction = refuse;
  rollbackTransaction = refuse;
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

/** Takes the writer for as long as Kysely holds the connection: one query, or one transaction. */
class WriterDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #writer: SqliteWriter;
  readonly #releases = new WeakMap<DatabaseConnection, () => void>();

  constructor({ connection, writer }: { connection: SqliteConnection; writer: SqliteWriter }) {
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
              const held = new SqliteKyselyConnection(connection);
              this.#releases.set(held, release);
              resolve(held);
            }),
        )
        .catch(reject);
    });
  }

  beginTransaction(): Promise<void> {
    return beginImmediate(this.#connection);
  }

  async commitTransaction(): Promise<void> {
    this.#connection.exec('commit');
  }

  async rollbackTransaction(): Promise<void> {
    if (this.#connection.isTransaction) this.#connection.exec('rollback');
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#releases.get(connection)?.();
  }

  async destroy(): Promise<void> {}
}
