import { postgresCode } from './failure.ts';

/** Another wrote what a transaction had found missing. Thrown to undo it: the same work finds it there the next time. */
export class LostRace extends Error {
  override readonly name = 'LostRace';
}

/**
 * True for what a single unit may have done to the statement that carried it: lost a race (which is raised as a
 * division by zero, or shows as a row that was there after all) or brought a text that PostgreSQL does not take. By
 * classes of SQLSTATE: cardinality violation, data exception, constraint violation.
 */
export const isOfOneUnit = (error: unknown): boolean => {
  const code = postgresCode(error);
  return code !== null && unitClasses.has(code.slice(0, 2));
};

const unitClasses = new Set(['21', '22', '23']);
