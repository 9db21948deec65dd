import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../src/core/store.ts';
import { openSqliteStore } from '../src/store/sqlite/database.ts';

/** An empty embedded store in a directory of its own, which goes with it. */
export const openTemporaryStore = async (): Promise<{ store: Store; close: () => Promise<void> }> => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-temporary-'));
  const store = await openSqliteStore({ path: join(directory, 'parley.db'), migrate: true });
  return {
    store,
    async close() {
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
};
