import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ParleyError } from '../../core/error.ts';
import type { VectorScope } from '../../core/knowledge/vector-store.ts';
import { PostgresPool, type PostgresQueries } from './connection.ts';
import { postgresCode } from './failure.ts';
import { ofLiteralScope } from './pgvector-sql.ts';
import { ownIndexes, vectorTable } from './pgvector-table.ts';

/** A bot's vectors of one length. */
export type IndexedVectors = VectorScope & { dimensions: number };

/** Larger than any build that was seen; what takes longer is broken off, and tried again by the next round. */
const buildTimeoutMs = 30 * 60_000;
/** A build waits for transactions that began before it: those of servers are short, and a dump is not waited for. */
const waitForOthers = "set lock_timeout = '1min'";
const askAgainToCancelMs = 200;

/** Any number that nobody else uses: "pgvi" in ASCII. */
const dropLock = 0x70_67_76_69;

/** SQLSTATEs: there is something of this name; somebody holds a lock. */
const duplicateTable = '42P07';
const lockNotAvailable = '55P03';

/** By the table: a build that has just begun does not name its index yet. */
const buildsUnderWay = `select pid from pg_stat_progress_create_index where relid = to_regclass('${vectorTable}')`;

/**
 * The index of a bot's neighbours. Each large bot has its own: in one that all shared, a question would be led through those
 * of other bots, and might find none of its own.
 */
export const indexName = ({ workspaceId, botId, model, dimensions }: IndexedVectors): string => {
  const hash = createHash('sha256').update(JSON.stringify([workspaceId, botId, model, dimensions]));
  return `${vectorTable}_${hash.digest('hex').slice(0, 16)}`;
};

/**
 * Builds the index of each of these bots that has none, and drops all others, while servers go on. What is left of a build
 * that was broken off is removed first. Does nothing while another process builds one; should two begin in the same moment,
 * PostgreSQL breaks one of them off, and the next round mends what that leaves. The signal ends it.
 */
export const keepIndexes = async (
  wanted: readonly IndexedVectors[],
  { pool, url, signal }: { pool: PostgresPool; url: string; signal: AbortSignal },
): Promise<void> => {
  if (await isBuilding(pool)) return;
  await dropOthers(pool, new Set(wanted.map((vectors) => indexName(vectors))));
  const there = new Set((await listIndexes(pool)).map(({ name }) => name));
  const missing = wanted.filter((vectors) => !there.has(indexName(vectors)));
  if (missing.length === 0) return;
  const own = new PostgresPool({ url, size: 1, statementTimeoutMs: buildTimeoutMs, applicationName: 'parley index' });
  try {
    for (const vectors of missing) {
      await untilAborted({ pool, signal }, () =>
        own.withSession(async (session) => {
          await session.exec(waitForOthers);
          await session.exec(createIndex(vectors)).catch(unlessAnotherIsThere);
        }),
      );
    }
  } finally {
    await own.close();
  }
};

const isBuilding = async (database: PostgresQueries): Promise<boolean> =>
  (await database.query(null, buildsUnderWay, [])).length > 0;

const listIndexes = (database: PostgresQueries): Promise<{ name: string; valid: boolean }[]> =>
  database.query(
    null,
    `select relname as name, indisvalid as valid
      from pg_index join pg_class on pg_class.oid = indexrelid
      where indrelid = to_regclass('${vectorTable}') and relname ~ '${ownIndexes}'`,
    [],
  );

/**
 * Drops indexes that nobody wants, and what broken builds have left. Searches wait behind it, so it waits for none of them
 * for long; what it could not do now is left to the next round.
 */
const dropOthers = async (pool: PostgresPool, wanted: ReadonlySet<string>): Promise<void> => {
  try {
    await pool.transaction(async (session) => {
      await session.exec(`set local lock_timeout = '50ms'; select pg_advisory_xact_lock(${dropLock})`);
      if (await isBuilding(session)) return;
      for (const { name, valid } of await listIndexes(session)) {
        if (!valid || !wanted.has(name)) await session.exec(`drop index ${name}`);
      }
    });
  } catch (error) {
    if (!(error instanceof ParleyError) || postgresCode(error.cause) !== lockNotAvailable) throw error;
  }
};

/** Runs a build; at the signal it is cancelled by the process that the database names for it, over and over until it ends. */
const untilAborted = async (
  { pool, signal }: { pool: PostgresQueries; signal: AbortSignal },
  work: () => Promise<void>,
): Promise<void> => {
  const ended = new AbortController();
  const cancel = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await pool.run(null, `select pg_cancel_backend(pid) from (${buildsUnderWay}) as builds`, []);
      await setTimeout(askAgainToCancelMs, undefined, { signal: ended.signal });
    }
  };
  // whoever cannot be cancelled is waited for
  const onAbort = (): void => void cancel().catch(() => {});
  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    signal.removeEventListener('abort', onAbort);
  }
};

const unlessAnotherIsThere = (error: unknown): void => {
  if (postgresCode(error) !== duplicateTable) throw error;
};

const createIndex = (vectors: IndexedVectors): string =>
  `create index concurrently ${indexName(vectors)} on ${vectorTable}
    using hnsw ((embedding::halfvec(${vectors.dimensions})) halfvec_cosine_ops) where ${ofLiteralScope(vectors)}`;
