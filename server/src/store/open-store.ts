import type { StoreObserver } from '../core/operations/store-observer.ts';
import type { Store } from '../core/store.ts';
import type { Clock } from '../kit/clock.ts';
import type { Keyring } from '../kit/seal.ts';
import type { Failpoint } from '../kit/failpoint.ts';
import { openPostgresStore } from './postgres/database.ts';
import { reportingTurns } from './reporting-turns.ts';
import { openSqliteStore } from './sqlite/database.ts';

/** Where a store lies. */
export type StorePlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number };

export type OpenStoreOptions = {
  /** Brings the schema up to date first. */
  migrate: boolean;
  /** Seals and opens encrypted secrets; without it they cannot be used. */
  keyring?: Keyring;
  /** Told of what failed after a commit, which nothing can undo. */
  onError?: (error: unknown) => void;
  /** Told what an operator should know of the database. */
  onWarning?: (text: string) => void;
  /** Where a turn's commits are to fail, for tests. */
  failpoint?: Failpoint | null;
  /** What this process takes the time to be; that of the system unless given. */
  clock?: Clock;
  /** Told of the work of SQLite's one writer. */
  observer?: StoreObserver;
  /** False: SQLite acknowledges before the disk has it, so that a test sees the difference. */
  syncsCommits?: boolean;
};

export const openStore = async (place: StorePlace, options: OpenStoreOptions): Promise<Store> => {
  const store =
    place.kind === 'sqlite'
      ? await openSqliteStore({ ...options, path: place.path })
      : await openPostgresStore({ ...options, url: place.url, poolSize: place.poolSize });
  return options.failpoint ? { ...store, turns: reportingTurns(store.turns, options.failpoint) } : store;
};
