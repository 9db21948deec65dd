import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** A database as its tables, for whoever moves rows and looks at nothing in them. */
export interface Tables {
  /** Reads of one moment, while others go on writing. May be run again from its beginning where a connection breaks. */
  snapshot<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result>;
  /** One transaction, which may be run again, with the one before undone. */
  transact<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result>;
  /** Lets the planner know what was added, where it does not measure by itself at once. */
  measure(): Promise<void>;
  close(): Promise<void>;
}
