import type { PostgresQueries } from './connection.ts';

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
