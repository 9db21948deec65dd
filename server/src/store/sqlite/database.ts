import { Kysely } from 'kysely';
import type { Store, Transact } from '../../core/store.ts';
import { jobStoreSql } from '../job-store-sql.ts';
import { migrate } from '../migrate.ts';
import type { Schema } from '../schema.ts';
import { readersOver, writersOver } from '../writers.ts';
import { SqliteConnection } from './connection.ts';
import { sqliteDialect } from './dialect.ts';
import { kyselyDialect } from './kysely-driver.ts';
import { SqliteReadWorker } from './read-worker.ts';
import { sqliteTurnStore } from './turn-store.ts';
import { SqliteWriter, storageError } from './writer.ts';
import { isSqliteError } from './begin-immediate.ts';

/**
 * The embedded store: one file, one writing connection, one for quick reads, and a thread for long ones. Whoever may
 * migrate and serve holds `parley.lock` first (`lock.ts`).
 */
export const openSqliteStore = async (options: {
  path: string;
  migrate: boolean;
  /** Told of what failed after a commit, which nothing can undo. */
  onError?: (error: unknown) => void;
}): Promise<Store> => {
  const connection = new SqliteConnection(options.path, { readOnly: false });
  const writer = new SqliteWriter(connection);
  const writing = new Kysely<Schema>({ dialect: kyselyDialect({ connection, writer }) });
  if (options.migrate) await migrate(writing, sqliteDialect);
  const readConnection = new SqliteConnection(options.path, { readOnly: true });
  const reading = new Kysely<Schema>({ dialect: kyselyDialect({ reader: readConnection }) });
  const worker = new SqliteReadWorker(options.path);
  const readingLong = new Kysely<Schema>({ dialect: kyselyDialect({ worker }) });

  const transact: Transact = async (work) => {
    const effects: (() => void)[] = [];
    try {
      const result = await writing
        .transaction()
        .execute((transaction) => work(writersOver(transaction, sqliteDialect, effects)));
      runEffects(effects, options.onError);
      return result;
    } catch (error) {
      throw isSqliteError(error) ? storageError(error) : error;
    }
  };

  return {
    readers: readersOver(reading, readingLong, sqliteDialect),
    transact,
    turns: sqliteTurnStore(writer, readConnection),
    jobs: jobStoreSql(writing),
    async check() {
      await writer.run((open) => open.get('select name from kysely_migration limit 1'));
    },
    async close() {
      await writer.close();
      await writing.destroy();
      await reading.destroy();
      await worker.close();
      await readingLong.destroy();
      readConnection.close();
      connection.close();
    },
  };
};

/** What follows a commit. A failure here must not be taken for one of the change, which stands. */
const runEffects = (effects: readonly (() => void)[], onError: ((error: unknown) => void) | undefined): void => {
  for (const effect of effects) {
    try {
      effect();
    } catch (error) {
      onError?.(error);
    }
  }
};
