import type { RawBuilder } from 'kysely';
import type { ExpectedSize } from './expected-sizes.ts';

/** What differs between the databases, by name. A query asks for a capability and never for a database. */
export interface Dialect {
  /** The column type for bytes. */
  readonly binaryType: 'blob' | 'bytea';
  /** Stands behind `create table`: keeps rows in the order of their primary key where the database can. */
  readonly clusteredTable: 'without rowid' | '';
  /** True where `column` holds `text`, whatever its case (of ASCII letters at least). */
  textContains(column: string, text: string): RawBuilder<boolean>;
  /**
   * What stands behind `as` where a table is read along one index: its name, and the index where the database has to be
   * told, since it knows no statistics.
   */
  aliasAlong(table: string, index: string): RawBuilder<unknown>;
  /** Statements that let the planner reckon with these sizes; none where the database measures by itself. */
  readonly reckonWith: (sizes: readonly ExpectedSize[]) => string[];
  /** Statements before each migration that let it give way to those at work on its tables; none where nobody can be. */
  readonly giveWay: readonly string[];
  /** Statements behind each migration that make every text column sort by its bytes; none where text always does. */
  readonly sortTextByBytes: readonly string[];
}
