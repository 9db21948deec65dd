import type { PostgresQueries } from './connection.ts';
import { turnSql } from './turn-sql.ts';

type Name = keyof typeof turnSql;

/** The statements of `turn-sql.ts` by their names, each prepared once a connection. */
export class TurnStatements {
  readonly #queries: PostgresQueries;

  /** Over any connection of a pool, or over one transaction. */
  constructor(queries: PostgresQueries) {
    this.#queries = queries;
  }

  all<Row>(name: Name, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#queries.query<Row>(preparedName(name), turnSql[name], values);
  }

  async get<Row>(name: Name, ...values: readonly unknown[]): Promise<Row | undefined> {
    return (await this.all<Row>(name, ...values))[0];
  }

  /** Rows as lists of values in the order of the columns. */
  list<Values extends readonly unknown[]>(name: Name, ...values: readonly unknown[]): Promise<Values[]> {
    return this.#queries.list<Values>(preparedName(name), turnSql[name], values);
  }

  /** The number of rows changed. */
  run(name: Name, ...values: readonly unknown[]): Promise<number> {
    return this.#queries.run(preparedName(name), turnSql[name], values);
  }
}

/** Apart from names that others prepare on the same connections. */
const preparedName = (name: Name): string => `turn.${name}`;
