import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../src/core/store.ts';
import { openStore } from '../src/store/open-store.ts';
import { databaseOf } from './test-database.ts';

/** An empty store of this run's kind, which is removed when it is closed. */
export const openTemporaryStore = async (): Promise<{ store: Store; close: () => Promise<void> }> => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-temporary-'));
  const database = await databaseOf(directory);
  const store = await openStore(database.place, { migrate: true });
  return {
    store,
    async close() {
      await store.close();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
};
