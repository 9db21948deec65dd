import type { Store } from '../core/store.ts';
import type { Keyring } from '../kit/seal.ts';
import { openPostgresStore } from './postgres/database.ts';
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
};

export const openStore = (place: StorePlace, options: OpenStoreOptions): Promise<Store> =>
  place.kind === 'sqlite'
    ? openSqliteStore({ ...options, path: place.path })
    : openPostgresStore({ ...options, url: place.url, poolSize: place.poolSize });
