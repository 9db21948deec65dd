import { Kysely } from 'kysely';
import type { StoreObserver } from '../../core/operations/store-observer.ts';
import type { Store, Transact } from '../../core/store.ts';
import type { Failpoint } from '../../kit/failpoint.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import type { Keyring } from '../../kit/seal.ts';
import { jobStoreSql } from '../job-store-sql.ts';
import type { LongReads } from '../long-reads.ts';
import { migrate } from '../migrate.ts';
import { runEffects } from '../run-effects.ts';
import type { Schema } from '../schema.ts';
import { emptyKeyring, readersOver, writersOver } from '../writers.ts';
import { Checkpointer } from './checkpointer.ts';
import { SqliteConnection } from './connection.ts';
import { sqliteDialect } from './dialect.ts';
import { openDurability } from './durability.ts';
import { sqliteEventQueue } from './event-queue.ts';
import { kyselyDialect } from './kysely-driver.ts';
import { sqliteLeaseClock } from './lease-clock.ts';
import { SqliteReadWorkers } from './read-workers.ts';
import { TraceEraser } from './trace-eraser.ts';
import { sqliteTurnStore } from './turn-store.ts';
import { SqliteWriter, storageError } from './writer.ts';
import { isSqliteError } from './begin-immediate.ts';

/**
 * The embedded store: one file, one writing connection, one for quick reads, and threads for long ones. Whoever may
 * migrate and serve holds `parley.lock` first (`lock.ts`).
 */
export const openSqliteStore = async (options: {
  path: string;
  migrate: boolean;
  /** Seals and opens encrypted secrets; without it they cannot be used. */
  keyring?: Keyring;
  /** Told of what failed after a commit, which nothing can undo. */
  onError?: (error: unknown) => void;
  failpoint?: Failpoint | null;
  observer?: StoreObserver;
  /** What this process takes the time to be. */
  clock?: Clock;
  /** False: commits are acknowledged before the disk has them. For tests that must see the loss. */
  syncsCommits?: boolean;
}): Promise<Store> => {
  const { clock = systemClock, keyring = emptyKeyring, observer } = options;
  const leases = sqliteLeaseClock(clock);
  const parts = { dialect: sqliteDialect, leases, clock, keyring, alsoWriteVectors: null };
  const connection = new SqliteConnection(options.path, { readOnly: false });
  const checkpointer = new Checkpointer(options.path, connection);
  const durability = await openDurability(connection, options.path, {
    onCommit: () => {
      checkpointer.noteCommit();
      observer?.committed();
    },
    ...(observer && { onSync: (durationMs) => observer.synced(durationMs) }),
    onFailure: (error) => options.onError?.(error),
    ...(options.syncsCommits === false ? { sync: (_file: number, done: (error: null) => void) => done(null) } : {}),
  });
  const writer = new SqliteWriter(connection, durability, observer && ((units) => observer.batched(units)));
  const traces = new TraceEraser(options.path, writer);
  const writing = new Kysely<Schema>({ dialect: kyselyDialect({ connection, writer }) });
  if (options.migrate) await migrate(writing, sqliteDialect);
  const readConnection = new SqliteConnection(options.path, { readOnly: true });
  // the other connection drops its pages with each commit, which is what many small reads between commits would pay for
  const committed = (): SqliteConnection => (writer.lent || connection.isTransaction ? readConnection : connection);
  const reading = new Kysely<Schema>({ dialect: kyselyDialect({ committed }) });
  // what people and programs are told of conversations must not be lost again, so it is told once it is on the disk
  const reached = (): Promise<void> => durability.reached();
  const readingDurable = new Kysely<Schema>({ dialect: kyselyDialect({ committed, reached }) });
  const workers = new SqliteReadWorkers(options.path);
  const readingLong: LongReads = (workspaceId) =>
    new Kysely<Schema>({ dialect: kyselyDialect({ workers, workspaceId, reached }) });

  const transact: Transact = async (work) => {
    const effects: (() => void)[] = [];
    try {
      const result = await writing
        .transaction()
        .execute((transaction) => work(writersOver(transaction, parts, effects)));
      runEffects(effects, options.onError);
      return result;
    } catch (error) {
      throw isSqliteError(error) ? storageError(error) : error;
    }
  };

  return {
    readers: readersOver({ quick: reading, durable: readingDurable, long: readingLong }, parts),
    transact,
    turns: sqliteTurnStore(writer, readConnection, options.failpoint ?? null),
    events: sqliteEventQueue(writer, committed, { keyring, clock }),
    jobs: jobStoreSql(writing, leases),
    replicas: null,
    vectorDatabase: null,
    connections: null,
    async check() {
      await writer.run((open) => open.get('select name from kysely_migration limit 1'));
    },
    eraseTraces: (signal) => traces.erase(signal),
    // it plans by the sizes that a migration wrote down
    measureTables: () => Promise.resolve(),
    async close() {
      await traces.idle();
      await writer.close();
      await checkpointer.close();
      await durability.close();
      await writing.destroy();
      await reading.destroy();
      await readingDurable.destroy();
      await workers.close();
      readConnection.close();
      connection.close();
      traces.close();
    },
  };
};
