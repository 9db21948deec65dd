import type { Config } from '../config/config.ts';
import { ParleyError } from '../core/error.ts';
import { inspectStore } from '../store/inspect-store.ts';
import type { StoreInspection } from '../store/inspection.ts';
import { CommandError } from './command.ts';
import { claimDataDir, makeDataDir } from './data-dir.ts';

/** For people: the data directory, or the address of the database without its password. */
export const storePlace = ({ dataDir, store }: Config): string => (store.kind === 'sqlite' ? dataDir : store.place);

/**
 * What a process holds that may migrate and serve: the data directory, for itself alone. Of a PostgreSQL database any
 * number of servers may be at work, so that nothing is claimed there.
 */
export const claimStore = (config: Config): { release(): void } => {
  if (config.store.kind === 'postgres') return { release: () => {} };
  makeDataDir(config.dataDir);
  return claimDataDir(config.dataDir);
};

/** What a driver or a server said of a failure, which holds no password; for the operator alone. */
export const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // a failure of every address of a host has its reasons inside
  const inner = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return inner instanceof Error ? inner.message : 'for no known reason';
};

/** The database as it is; null where Parley has never been at work on it. Says of one that cannot be reached why. */
export const inspectDatabase = async (config: Config): Promise<StoreInspection | null> => {
  try {
    return await inspectStore(config.store);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    throw new CommandError(`the database at ${storePlace(config)} cannot be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }
};

/** Refuses where there is no database yet, or one that this version cannot work on as it is. */
export const requireDatabase = async (config: Config): Promise<void> => {
  const inspection = await inspectDatabase(config);
  const place = storePlace(config);
  if (inspection === null) {
    const orOther = config.store.kind === 'sqlite' ? 'PARLEY_DATA_DIR' : 'DATABASE_URL';
    throw new CommandError(`there is no database in ${place} yet: run start or migrate first, or set ${orOther}`);
  }
  if (inspection.unknownMigrations.length > 0) {
    throw new CommandError(`the database in ${place} was used by a newer version of Parley: use that one`);
  }
  if (inspection.pendingMigrations.length > 0) {
    throw new CommandError(`the database in ${place} is from an older version: run migrate, or restart the server`);
  }
};
