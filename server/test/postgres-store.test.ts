import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { setDatabaseClock } from './postgres/set-database-clock.ts';
import { describeStore } from './store-suite.ts';
import { testKeyring } from './store-suite/store-under-test.ts';

describeStore('PostgreSQL', async (at) => {
  const url = await createDatabase();
  let time = at;
  const setClock = (to: number): Promise<void> => {
    time = to;
    return setDatabaseClock(url, to);
  };
  if (at !== undefined) await setClock(at);
  const clock = () => time ?? Date.now();
  const store = await openPostgresStore({ url, poolSize: 4, migrate: false, keyring: testKeyring, clock });
  return {
    store,
    countRows: async () => {
      const tables = await runSql(
        url,
        "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely%'",
      );
      const counts = tables.map(
        ({ name }) => `select '${String(name)}' as name, count(*)::integer as rows from "${String(name)}"`,
      );
      const rows = await runSql(url, counts.join(' union all '));
      return Object.fromEntries(rows.map(({ name, rows: count }) => [name as string, count as number]));
    },
    run: async (sql) => {
      await runSql(url, sql);
    },
    setClock,
    async close() {
      await store.close();
      await dropDatabase(url);
    },
  };
});
