import { sql } from 'kysely';
import type { Dialect } from '../dialect.ts';
import { waitForLocksBriefly } from './give-way.ts';

/**
 * Gives every column of text that sorts by the rules of a language the collation "C": ids, cursors and terms compare byte by
 * byte then, as on SQLite, and an index serves a comparison whatever the database's own collation is. Changes no row.
 */
const giveTextCollation = `do $$
  declare changed record;
  begin
    for changed in
      select format('alter table %s %s', pg_class.oid::regclass,
        string_agg(format('alter column %I type text collate "C"', attname), ', ' order by attnum)) as statement
      from pg_attribute join pg_class on pg_class.oid = attrelid
      where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace and attnum > 0
        and not attisdropped and atttypid = 'text'::regtype and attcollation <> '"C"'::regcollation
      group by pg_class.oid
    loop
      execute changed.statement;
    end loop;
  end
$$`;

export const postgresDialect: Dialect = {
  binaryType: 'bytea',
  clusteredTable: '',
  // under "C" only ASCII letters have cases, as on SQLite
  textContains: (column, text) =>
    sql<boolean>`strpos(lower(${sql.ref(column)} collate "C"), lower(${text}::text collate "C")) > 0`,
  aliasAlong: (table) => sql`${sql.id(table)}`,
  // autovacuum measures
  reckonWith: () => [],
  giveWay: [waitForLocksBriefly],
  sortTextByBytes: [giveTextCollation],
};
