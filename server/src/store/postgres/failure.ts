import { ParleyError } from '../../core/error.ts';

/**
 * What went wrong between us and PostgreSQL, by what may be done about it:
 * - `conflict`: the transaction was undone for the sake of another one; the same work may be done again.
 * - `unreachable`: no connection could be had, so nothing was sent.
 * - `lost`: the connection broke under a statement. Whether a change was made is not known.
 * - `timeout`: the statement waited or ran too long and was undone.
 * - `unavailable`: the server has no room or no healthy disk.
 * - `refused`: it does not let us in, or there is no such database.
 */
export type PostgresFailure = 'conflict' | 'unreachable' | 'lost' | 'timeout' | 'unavailable' | 'refused';

/** By SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) or the code of a system error. */
const byCode: Readonly<Record<string, PostgresFailure>> = {
  '40001': 'conflict',
  '40P01': 'conflict',
  // starting up or shutting down, too many connections, and a server that could not be found or does not listen
  '57P03': 'unreachable',
  '53300': 'unreachable',
  '08001': 'unreachable',
  '08004': 'unreachable',
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  // a socket file that is not there
  ENOENT: 'unreachable',
  // ended by an administrator, by the death of a neighbour, or for idleness
  '57P01': 'lost',
  '57P02': 'lost',
  '57P05': 'lost',
  '25P03': 'lost',
  '08000': 'lost',
  '08003': 'lost',
  '08006': 'lost',
  // a standby: the address will name the new primary soon
  '25006': 'lost',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  '55P03': 'timeout',
  '57014': 'timeout',
  '53000': 'unavailable',
  '53100': 'unavailable',
  '53200': 'unavailable',
  '53400': 'unavailable',
  '58000': 'unavailable',
  '58030': 'unavailable',
  XX001: 'unavailable',
  XX002: 'unavailable',
  '28000': 'refused',
  '28P01': 'refused',
  '3D000': 'refused',
};

/** The driver gives these no code. */
const byText: readonly (readonly [RegExp, PostgresFailure])[] = [
  [/timeout exceeded when trying to connect|due to connection timeout|timeout expired/, 'unreachable'],
  // it was known to be broken before anything was sent
  [/not queryable|Cannot use a pool after calling end|Client was closed/, 'unreachable'],
  [/^Connection terminated|Query read timeout/, 'lost'],
];

/** Null for what is no failure of the connection or the server: a violated constraint, a wrong statement. */
export const failureOf = (error: unknown): PostgresFailure | null => {
  if (!(error instanceof Error)) return null;
  const code = postgresCode(error);
  if (code !== null) return byCode[code] ?? null;
  return byText.find(([text]) => text.test(error.message))?.[1] ?? null;
};

/** True for a failure after which nothing stands of what the statement did, also where it was told as `storageError`. */
export const isUndone = (error: unknown): boolean => {
  const failure = failureOf(error instanceof ParleyError ? error.cause : error);
  return failure === 'conflict' || failure === 'timeout';
};

/** SQLSTATE, or the code of a system error; null where there is none. */
export const postgresCode = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** Seconds after which a caller may try again: about the time of a restart or a failover. */
const retryAfterSeconds = 2;

const details: Readonly<Record<PostgresFailure, string>> = {
  conflict: 'Others change the same things right now; nothing was changed.',
  unreachable: 'The database cannot be reached right now; nothing was changed.',
  lost: 'The connection to the database broke. Send the request again, with the same Idempotency-Key where it has one.',
  timeout: 'The database took too long; nothing was changed.',
  unavailable: 'The database cannot be written right now; nothing was changed.',
  refused: 'The database does not let the server in.',
};

/** What a caller may know of a failure, as storage_unavailable; the cause is for the log. Others pass as they are. */
export const storageError = (error: unknown): unknown => {
  if (error instanceof ParleyError) return error;
  const failure = failureOf(error);
  if (failure === null) return error;
  return new ParleyError('storage_unavailable', details[failure], { cause: error, retryAfterSeconds });
};
