import { ParleyError } from '../core/error.ts';

/** What T2 throws where the database takes no such rows, however often it is asked. The cause is for the log. */
export const refusedEnd = (cause: unknown): ParleyError =>
  new ParleyError('internal_error', 'The end of the turn cannot be stored as it is.', { cause });
