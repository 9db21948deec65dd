import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { preparedNameOf } from '../named-query.ts';
import type { PostgresPool, PostgresSession } from './connection.ts';

/** Work that is let in one by one. */
type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** How Kysely reaches the database: each query on any connection of a pool, perhaps in its turn, or all of them on one. */
type Access = { pool: PostgresPool; inTurn?: Turns } | { session: PostgresSession };

/** Kysely over our connections. Transactions of Kysely's own are for one session alone. */
export const kyselyDialect = (access: Access): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => ('pool' in access ? new PoolDriver(access) : new SessionDriver(access.session)),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
});

const refuseStream = (): never => {
  throw new Error('rows are not streamed: ask for a page');
};

/** The commands whose row count is that of rows changed (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const run = async <Result>(session: PostgresSession, query: CompiledQuery): Promise<QueryResult<Result>> => {
  const { rows, command, rowCount } = await session.execute(preparedNameOf(query), query.sql, query.parameters);
  const result = rows as Result[];
  return changing.has(command) && rowCount !== null
    ? { rows: result, numAffectedRows: BigInt(rowCount) }
    : { rows: result };
};

class PoolConnection implements DatabaseConnection {
  readonly #pool: PostgresPool;
  readonly #inTurn: Turns;

  constructor({ pool, inTurn = (work) => work() }: Extract<Access, { pool: PostgresPool }>) {
    this.#pool = pool;
    this.#inTurn = inTurn;
  }

  executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    return this.#inTurn(() =>
      this.#pool.withSession((session) => run<Result>(session, query), {
        repeatable: query.query.kind === 'SelectQueryNode' || preparedNameOf(query) !== null,
      }),
    );
  }

  streamQuery = refuseStream;
}

class SessionConnection implements DatabaseConnection {
  readonly #session: PostgresSession;

  constructor(session: PostgresSession) {
    this.#session = session;
  }

  executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    return run(this.#session, query);
  }

  streamQuery = refuseStream;
}

const refuse = (): Promise<never> => Promise.reject(new Error('a transaction needs a connection of its own'));

class PoolDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(access: Extract<Access, { pool: PostgresPool }>) {
    this.#connection = new PoolConnection(access);
  }

  async init(): Promise<void> {}
  /** A connection of the pool is taken for each query, where a broken one can be replaced. */
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }
  beginTransaction = refuse;
  commitTransaction = refuse;
  rollbackTransaction = refuse;
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class SessionDriver implements Driver {
  readonly #session: PostgresSession;

  constructor(session: PostgresSession) {
    this.#session = session;
  }

  async init(): Promise<void> {}
  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(new SessionConnection(this.#session));
  }
  beginTransaction(): Promise<void> {
    return this.#session.exec('begin');
  }
  commitTransaction(): Promise<void> {
    return this.#session.exec('commit');
  }
  rollbackTransaction(): Promise<void> {
    return this.#session.exec('rollback');
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
