import type { Dialect } from '../dialect.ts';

/** A step of the schema as SQL that every dialect takes. */
export type Migration = {
  name: string;
  up(dialect: Dialect): string[];
};
