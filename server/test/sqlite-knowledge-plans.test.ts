import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import type { SQLInputValue } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSelection } from '../src/core/job/job-store.ts';
import { systemClock } from '../src/kit/clock.ts';
import { jobStoreSql } from '../src/store/job-store-sql.ts';
import { vectorReaderSql } from '../src/store/vector-store-sql.ts';
import { knowledgeReaderSql } from '../src/store/knowledge-store-sql.ts';
import { removeUnusedRows } from '../src/store/remove-unused-sql.ts';
import { openSqliteStore } from '../src/store/sqlite/database.ts';
import { SqliteConnection } from '../src/store/sqlite/connection.ts';
import { sqliteLeaseClock } from '../src/store/sqlite/lease-clock.ts';
import { kyselyDialect } from '../src/store/sqlite/kysely-driver.ts';
import type { Schema } from '../src/store/schema.ts';

/** How SQLite goes about the queries of search and of the worker: a wrong order of the tables costs a hundred times more. */

let directory: string;
let connection: SqliteConnection;
let db: Kysely<Schema>;
const sent: { sql: string; parameters: readonly unknown[] }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-plans-'));
  const path = join(directory, 'parley.db');
  await (await openSqliteStore({ path, migrate: true })).close();
  connection = new SqliteConnection(path, { readOnly: true });
  db = new Kysely<Schema>({
    dialect: kyselyDialect({ alone: connection }),
    log: ({ query }) => void sent.push(query),
  });
});
afterAll(async () => {
  connection.close();
  await rm(directory, { recursive: true });
});

/** The steps of the plans of the queries that `ask` sends. */
const plansOf = async (ask: () => Promise<unknown>): Promise<string[]> => {
  sent.length = 0;
  await ask();
  expect(sent.length).toBeGreaterThan(0);
  return sent.flatMap(({ sql, parameters }) =>
    connection
      .all<{ detail: string }>(`explain query plan ${sql}`, ...(parameters as SQLInputValue[]))
      .map(({ detail }) => detail),
  );
};

test('postings are read by their terms, and only then their pages', async () => {
  const plan = await plansOf(() => knowledgeReaderSql(db).postings('ws', 'bot', { terms: ['a', 'b', 'c'], limit: 10 }));
  expect(plan).toEqual([
    'SEARCH postings USING PRIMARY KEY (workspace_id=? AND bot_id=? AND term=?)',
    'SEARCH source_pages USING COVERING INDEX source_pages_version (workspace_id=? AND bot_id=? AND source_id=? AND version=?)',
  ]);
});

test('a page of one term is read from its place in the key on', async () => {
  const after = { sourceId: 'src_a', version: 1 };
  const plan = await plansOf(() => knowledgeReaderSql(db).postingsOf('ws', 'bot', { term: 'a', after, limit: 10 }));
  expect(plan).toEqual([
    'SEARCH postings USING PRIMARY KEY (workspace_id=? AND bot_id=? AND term=? AND source_id>?)',
    'SEARCH source_pages USING COVERING INDEX source_pages_version (workspace_id=? AND bot_id=? AND source_id=? AND version=?) LEFT-JOIN',
  ]);
});

test('chunks are read by their places', async () => {
  const places = [{ sourceId: 'a', position: 0 }];
  const plan = await plansOf(() => knowledgeReaderSql(db).chunks('ws', 'bot', places));
  expect(plan.filter((step) => step.startsWith('SEARCH'))).toEqual([
    'SEARCH source_pages USING PRIMARY KEY (workspace_id=? AND bot_id=? AND source_id=? AND number=?)',
    'SEARCH sources USING PRIMARY KEY (workspace_id=? AND bot_id=? AND id=?)',
    'SEARCH chunks USING PRIMARY KEY (workspace_id=? AND bot_id=? AND source_id=? AND revision=? AND position=?)',
  ]);
});

test('nothing of search or of removing reads a whole table', async () => {
  const reader = knowledgeReaderSql(db);
  const source = { workspaceId: 'ws', botId: 'bot', sourceId: 'src' };
  const plan = [
    ...(await plansOf(() => reader.size('ws', 'bot'))),
    ...(await plansOf(() => reader.chunkTexts('ws', ['chunk_a', 'chunk_b']))),
    ...(await plansOf(() => reader.list('ws', 'bot', { limit: 5, after: 'src_a', before: null }))),
    ...(await plansOf(() => reader.pages(source, { limit: 5, after: 'page_a', before: null, status: 'failed' }))),
    ...(await plansOf(() => reader.findTwin(source, { number: 1, contentHash: 'a' }))),
    ...(await plansOf(() => removeUnusedRows(db, source, 10))),
  ];
  // the languages of one bot's sources, which are at most 10,000
  const grouped = 'USE TEMP B-TREE FOR GROUP BY';
  const wrong = plan.filter((step) => step.startsWith('SCAN') || step.includes('TEMP B-TREE'));
  expect(wrong.filter((step) => step !== grouped)).toEqual([]);
});

test('how long the vectors of a bot are is told by a few of them', async () => {
  const plan = await plansOf(() => vectorReaderSql(db).dimensions({ workspaceId: 'ws', botId: 'bot', model: 'm' }));
  const read = plan.filter((step) => step.includes('vector_codes'));
  expect(read).toEqual(['SEARCH vector_codes USING PRIMARY KEY (workspace_id=? AND bot_id=? AND model=?)']);
  expect(plan.filter((step) => step.includes('TEMP B-TREE')).length).toBeLessThanOrEqual(2);
});

test('a look for jobs reads only those that are due, and of its kinds alone', async () => {
  const jobs = jobStoreSql(db, sqliteLeaseClock(systemClock));
  const some: JobSelection = { only: ['process-source', 'purge-bot'], fair: true, except: ['ws_a'] };
  // that index holds those that run, which are a few to a server
  const running = 'SCAN other USING INDEX jobs_leased';
  const steps = (plan: string[]) => plan.filter((step) => / jobs /.test(step) || step.startsWith('SCAN'));
  const abandoned = 'SEARCH jobs USING INDEX jobs_leased (lease_until<?)';
  expect(steps(await plansOf(() => jobs.claim('node', 1_000)))).toEqual([
    abandoned,
    'SEARCH jobs USING INDEX jobs_due (run_at<?)',
    running,
  ]);
  const dueOfKind = ['SEARCH jobs USING INDEX jobs_kind (kind=? AND run_at<?)', running, 'SCAN due'];
  expect(steps(await plansOf(() => jobs.claim('node', 1_000, some)))).toEqual([
    abandoned,
    'SEARCH jobs USING INDEX jobs_leased (lease_until>?)',
    ...dueOfKind,
    ...dueOfKind,
  ]);
});
