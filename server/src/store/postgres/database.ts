import { Kysely } from 'kysely';
import { ParleyError } from '../../core/error.ts';
import type { Store, Transact } from '../../core/store.ts';
import type { Failpoint } from '../../kit/failpoint.ts';
import { type Clock, systemClock } from '../../kit/clock.ts';
import type { Keyring } from '../../kit/seal.ts';
import { jobStoreSql } from '../job-store-sql.ts';
import { longReadGate, longReadOwner, longReadPlaces, type LongReads } from '../long-reads.ts';
import { runEffects } from '../run-effects.ts';
import type { Schema } from '../schema.ts';
import { emptyKeyring, readersOver, writersOver } from '../writers.ts';
import { readSettings, unusable, worrying, clockWorry } from './assert-usable.ts';
import { PostgresPool, type PostgresSession } from './connection.ts';
import { postgresDialect } from './dialect.ts';
import { postgresEventQueue } from './event-queue.ts';
import { kyselyDialect } from './kysely-driver.ts';
import { postgresLeaseClock } from './lease-clock.ts';
import { postgresReplicaStore } from './replica-store.ts';
import { GrowthWatch, measureTables } from './measure-tables.ts';
import { noteTurnFunctions } from './make-turn-functions.ts';
import { isMigrated, migratePostgres } from './migrate.ts';
import { Pgvector } from './pgvector.ts';
import { postgresTurnStore } from './turn-store.ts';

/** For one long read, as on SQLite. */
const longReadTimeoutMs = 10_000;

const kyselyOver = (session: PostgresSession): Kysely<Schema> => new Kysely({ dialect: kyselyDialect({ session }) });

/**
 * The store at scale: any number of processes may serve from one database. `poolSize`: connections of this process, beside
 * two for long reads. Throws an Error with a sentence for the operator where the server is too old or not UTF-8.
 */
export const openPostgresStore = async (options: {
  url: string;
  poolSize: number;
  migrate: boolean;
  /** Seals and opens encrypted secrets; without it they cannot be used. */
  keyring?: Keyring;
  /** Told of what failed after a commit, which nothing can undo. */
  onError?: (error: unknown) => void;
  /** Told what an operator should know of the server, and of connections that broke. */
  onWarning?: (text: string) => void;
  failpoint?: Failpoint | null;
  /** What this process takes the time to be. */
  clock?: Clock;
}): Promise<Store> => {
  const { url, onError } = options;
  const onBroken = (error: unknown): void => {
    options.onWarning?.(
      `an idle connection to the database broke: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  };
  const { clock = systemClock, keyring = emptyKeyring } = options;
  const leases = postgresLeaseClock(clock);
  const pool = new PostgresPool({ url, size: options.poolSize, onBroken });
  const vectorDatabase = new Pgvector({ pool, url, ...(options.onWarning && { onWarning: options.onWarning }) });
  const parts = {
    dialect: postgresDialect,
    leases,
    clock,
    keyring,
    alsoWriteVectors: vectorDatabase.write.bind(vectorDatabase),
  };
  try {
    const settings = await readSettings(pool);
    const reason = unusable(settings);
    if (reason !== null) throw new Error(reason);
    if (options.migrate) {
      if (await isMigrated(pool)) await noteTurnFunctions(pool);
      else await migratePostgres(url);
    }
    for (const worry of [worrying(settings), clockWorry(settings)]) if (worry !== null) options.onWarning?.(worry);
  } catch (error) {
    await pool.close();
    throw error;
  }
  const longPool = new PostgresPool({
    url,
    // connections of their own, so that they never hold up the others
    size: longReadPlaces,
    statementTimeoutMs: longReadTimeoutMs,
    applicationName: 'parley long reads',
    onBroken,
    onTimeout: () => new ParleyError('overloaded', 'This took too long. Narrow it down: by bot, user or time.'),
  });
  const reading = new Kysely<Schema>({ dialect: kyselyDialect({ pool }) });
  const longGate = longReadGate();
  const readingLong: LongReads = (workspaceId) =>
    new Kysely<Schema>({
      dialect: kyselyDialect({
        pool: longPool,
        inTurn: (work) => longGate.run(longReadOwner(workspaceId), work),
      }),
    });

  const transact: Transact = async (work) => {
    let effects: (() => void)[] = [];
    const result = await pool.transaction(
      (session) => {
        effects = [];
        return work(writersOver(kyselyOver(session), parts, effects));
      },
      { isolation: 'serial' },
    );
    runEffects(effects, onError);
    return result;
  };

  const growth = new GrowthWatch(
    () => measureTables(pool),
    (error) =>
      options.onWarning?.(`the tables could not be measured: ${error instanceof Error ? error.message : 'unknown'}`),
  );

  return {
    readers: readersOver({ quick: reading, durable: reading, long: readingLong }, parts),
    transact,
    turns: postgresTurnStore(pool, {
      failpoint: options.failpoint ?? null,
      onEnded: (turns) => growth.note(turns),
    }),
    events: postgresEventQueue(pool, keyring, clock),
    jobs: jobStoreSql(reading, leases),
    replicas: postgresReplicaStore({ pool, url }),
    vectorDatabase,
    connections: () =>
      new Map([
        ['main', pool.load],
        ['long', longPool.load],
      ]),
    // VACUUM and the recycling of its log are PostgreSQL's own; docs/privacy.md says what that means
    eraseTraces: () => Promise.resolve(),
    measureTables: () => measureTables(pool),
    async check() {
      // a standby, or a primary that was made read-only, can be read and is of no use
      await pool.transaction((session) =>
        session.exec("set local lock_timeout = '1s'; lock table kysely_migration in row exclusive mode"),
      );
    },
    async close() {
      await growth.close();
      await pool.close();
      await longPool.close();
    },
  };
};
