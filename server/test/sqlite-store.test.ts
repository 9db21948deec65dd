import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteConnection } from '../src/store/sqlite/connection.ts';
import { openSqliteStore } from '../src/store/sqlite/database.ts';
import { describeStore } from './store-suite.ts';
import { testKeyring } from './store-suite/store-under-test.ts';

describeStore('SQLite', async (at) => {
  const directory = await mkdtemp(join(tmpdir(), 'parley-store-'));
  const path = join(directory, 'parley.db');
  let time = at;
  const clock = () => time ?? Date.now();
  const store = await openSqliteStore({ path, migrate: true, keyring: testKeyring, clock });
  const counter = new SqliteConnection(path, { readOnly: true });
  const tables = counter
    .all<{ name: string }>("select name from sqlite_schema where type = 'table' and name not like 'kysely%'")
    .map(({ name }) => name);
  return {
    store,
    countRows: async () =>
      Object.fromEntries(
        tables.map((table) => [
          table,
          counter.get<{ rows: number }>(`select count(*) as rows from "${table}"`)?.rows ?? 0,
        ]),
      ),
    run: async (sql) => {
      const connection = new SqliteConnection(path, { readOnly: false });
      connection.exec(sql);
      connection.close();
    },
    setClock: (to) => {
      time = to;
      return Promise.resolve();
    },
    async close() {
      counter.close();
      await store.close();
      await rm(directory, { recursive: true });
    },
  };
});
