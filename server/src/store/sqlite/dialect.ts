import { sql } from 'kysely';
import type { Dialect } from '../dialect.ts';

export const sqliteDialect: Dialect = {
  binaryType: 'blob',
  clusteredTable: 'without rowid',
  textContains: (column, text) => sql<boolean>`instr(lower(${sql.ref(column)}), lower(${text})) > 0`,
  aliasAlong: (table, index) => sql`${sql.id(table)} indexed by ${sql.id(index)}`,
  // https://sqlite.org/fileformat2.html#stat1tab; `analyze` makes the table, and reads it again for this connection
  reckonWith: (sizes) => [
    'analyze',
    'delete from sqlite_stat1',
    ...sizes.map(
      ({ table, index, rows }) =>
        `insert into sqlite_stat1 (tbl, idx, stat) values ('${table}', '${index}', '${rows.join(' ')}')`,
    ),
    'analyze sqlite_schema',
  ],
  giveWay: [],
  sortTextByBytes: [],
};
