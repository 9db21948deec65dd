import { ParleyError } from '../../core/error.ts';
import { postgresCode } from './failure.ts';

/**
 * How long a migration waits for one lock. Every request on that table stands behind it meanwhile. It is shorter than the
 * second after which PostgreSQL looks for a deadlock (`deadlock_timeout`), so that of a migration and a request that wait
 * for each other it is not the request that is undone.
 */
const longestWaitMs = 500;

/** For the transaction of a migration, which waits for its turn at others before it, and without a limit. */
export const waitForLocksBriefly = `set local lock_timeout = '${longestWaitMs}ms'`;

/** With the pauses about a minute. Who holds a table for longer is no request, and ends it by himself or not soon. */
const defaultTries = 30;
const firstPauseMs = 100;
/** Several times what a try may hold up, so that requests get on in between. */
const longestPauseMs = 2_500;

/** A wait for a lock that took too long, and a deadlock. */
const held = new Set(['55P03', '40P01']);

/**
 * Runs a migration, and again where others were at work on its tables: each time it is undone, and they get on. `migration`
 * undoes what it did where it throws. Throws storage_unavailable with what to do where they never let go.
 */
export const givingWay = async <Result>(
  migration: () => Promise<Result>,
  tries: number = defaultTries,
): Promise<Result> => {
  for (let tried = 1; ; tried++) {
    try {
      return await migration();
    } catch (error) {
      if (!held.has(postgresCode(error) ?? '')) throw error;
      if (tried >= tries) throw neverLetGo(error);
    }
    await pauseAfter(tried);
  }
};

const neverLetGo = (cause: unknown): ParleyError =>
  new ParleyError(
    'storage_unavailable',
    `The database is to be brought up to date, and others hold its tables (${cause instanceof Error ? cause.message : 'no lock'}). Nothing was changed: end what is at work on them for long, such as a dump or a report (pg_stat_activity shows it), and start again.`,
    { cause },
  );

/** Grows, and differs among servers that migrate at once. */
const pauseAfter = (tried: number): Promise<void> => {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** tried);
  return new Promise((resolve) => {
    setTimeout(resolve, longest * (0.5 + Math.random() / 2));
  });
};
