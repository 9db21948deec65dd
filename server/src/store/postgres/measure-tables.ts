import type { PostgresQueries } from './connection.ts';

/** Turns of a process behind which it looks at the tables for the first time, and how much later each next time. */
const firstLookTurns = 64;
const laterBy = 4;

/** Grown to more than so many times what it was when it was measured, a table is planned for by a wrong picture. */
const growth = 2;

/** One that was never measured has no pages by its last measure. Who may not measure a table leaves it to its owner. */
const grownTables = `select quote_ident(relname) as name from pg_class
  where relkind = 'r' and relnamespace = current_schema()::regnamespace
    and pg_has_role(relowner, 'USAGE')
    and pg_relation_size(oid) > current_setting('block_size')::bigint * $1::bigint * relpages`;

/**
 * Renews the statistics of tables that have grown much since they were made. PostgreSQL does so by itself within a minute or
 * some; until then it takes every index for as good as the next, and reads all that a bot knows for one question. A table
 * that is being measured already is passed over.
 */
export const measureTables = async (database: PostgresQueries): Promise<void> => {
  const grown = await database.query<{ name: string }>(null, grownTables, [growth]);
  if (grown.length === 0) return;
  await database.run(null, `analyze (skip_locked) ${grown.map(({ name }) => name).join(', ')}`, []);
};

/**
 * Renews the statistics while the turns of a young database make its tables grow. A connection plans a turn's statements
 * when it first runs them, which may be when there are no turns: then every index is as good as the next, and each turn
 * reads all turns of its workspace until PostgreSQL measures the table by itself. New statistics make it plan anew.
 */
export class GrowthWatch {
  readonly #measure: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #turns = 0;
  #nextLook = firstLookTurns;
  #looking: Promise<void> | null = null;
  #closed = false;

  constructor(measure: () => Promise<void>, onError: (error: unknown) => void) {
    this.#measure = measure;
    this.#onError = onError;
  }

  /** To be told of turns that end here. Returns at once. */
  note(turns: number): void {
    this.#turns += turns;
    if (this.#turns < this.#nextLook || this.#looking || this.#closed) return;
    this.#nextLook = this.#turns * laterBy;
    this.#looking = this.#measure()
      .catch(this.#onError)
      .finally(() => {
        this.#looking = null;
      });
  }

  /** Resolves when no look is under way; none begins any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#looking;
  }
}
