import { Kysely } from 'kysely';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitedTurnsText } from '../src/store/answer-conversation-sql.ts';
import { jobStoreSql } from '../src/store/job-store-sql.ts';
import { knowledgeLookupTexts } from '../src/store/knowledge-lookups-sql.ts';
import { acceptTurnsFunction } from '../src/store/postgres/accept-turns-sql.ts';
import { PostgresPool, PostgresSession } from '../src/store/postgres/connection.ts';
import { eventSql } from '../src/store/postgres/event-sql.ts';
import { finishTurnsFunction } from '../src/store/postgres/finish-turns-sql.ts';
import { kyselyDialect } from '../src/store/postgres/kysely-driver.ts';
import { postgresLeaseClock } from '../src/store/postgres/lease-clock.ts';
import { measureTables } from '../src/store/postgres/measure-tables.ts';
import { recallLookupTexts } from '../src/store/recall-lookups-sql.ts';
import type { Schema } from '../src/store/schema.ts';
import { turnSql } from '../src/store/postgres/turn-sql.ts';
import type { Store } from '../src/core/store.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { acceptTurn, completed } from './store-suite/store-under-test.ts';

/**
 * How PostgreSQL would run each statement of a turn's path, by the plan it keeps for all values, with the statistics of a
 * database that holds much: rows are found by their keys, also where it may read a table from end to end.
 */

type PlanNode = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  /** Of plans that were run. */
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
};

/** Conversations, each with a turn and three messages, and the workspaces they are spread over. */
const conversations = 30_000;
const workspaces = 12;
const seedTimeoutMs = 120_000;

const seed = (): string[] => {
  const each = `from generate_series(1, ${conversations}) as row (n)`;
  const workspace = `'ws_' || n % ${workspaces}`;
  return [
    `insert into conversations (workspace_id, id, bot_id, user_id, channel, mode, status, active_turn_id, next_seq,
      metadata, created_at, updated_at)
      select ${workspace}, 'conv_' || n, 'bot_' || n % 7, 'user_' || n, 'api', 'live', 'open',
        case when n % 100 = 0 then 'turn_' || n end, 33, '{}', n, n ${each}`,
    `insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
      select ${workspace}, 'bot_' || n % 7, 'user_' || n, 'live', 'conv_' || n ${each}`,
    `insert into users (workspace_id, mode, user_id, person_id, traits, created_at)
      select ${workspace}, 'live', 'user_' || n, 'user_' || n, '{}', n ${each}`,
    `insert into conversation_memories (workspace_id, conversation_id, revision, packed_seq, summary_seq, facts_seq, summary,
      summary_tokens, summary_model, updated_at)
      select ${workspace}, 'conv_' || n, 0, 0, 0, 0, 'They talked.', 3, 'test/any', n ${each}`,
    `insert into recall_segments (workspace_id, conversation_id, first_seq, last_seq, packed)
      select ${workspace}, 'conv_' || n, 1, 3, '' ${each}`,
    `insert into messages (workspace_id, conversation_id, seq, id, turn_id, role, text, tokens, created_at)
      select ${workspace}, 'conv_' || n, seq, 'msg_' || n || '_' || seq, 'turn_' || n, 'user', 'Hello', 1, n ${each},
        generate_series(1, 3) as message (seq)`,
    `insert into turns (workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
      seq_base, message_count, attempt, fence, lease_until, period_start, charged, input_tokens, output_tokens, created_at)
      select ${workspace}, 'turn_' || n, 'conv_' || n, 'bot_1', 1, 'user_' || n, 'api', 'live', 'key_1',
        case when n % 100 = 0 then 'running' when n % 100 = 1 then 'queued' else 'completed' end,
        1, 1, 1, 1, n, 0, 0, 0, 0, n ${each}`,
    `insert into turn_records (workspace_id, turn_id, receipt, log, ended_at)
      select ${workspace}, 'turn_' || n, '{}', '[]', n ${each}`,
    `insert into idempotency_keys (workspace_id, principal, route, key, fingerprint, subject_id, sealed, expires_at)
      select ${workspace}, 'key_1', 'chat', 'key ' || n, 'f', 'turn_' || n, 0, n ${each}`,
    `insert into quota_periods (workspace_id, owner_id, period_start, period_end, reserved, used)
      select ${workspace}, 'user:' || n, 0, 1, 0, 0 ${each}`,
    `insert into quota_ledger (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
      select ${workspace}, ${workspace}, 'led_' || n, 0, 'turn_' || n, 'bot_1', 'api', 1, n ${each}`,
    `insert into bots (workspace_id, id, name, version, created_at, updated_at)
      select ${workspace}, 'bot_' || n, 'Bot', 1, 1, 1 ${each}`,
    `insert into webhook_endpoints (workspace_id, id, url, events, status, created_at)
      select 'ws_' || n, 'hook', '', '[]', 'enabled', 1 ${each}`,
    `insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
      select ${workspace}, 'evt_' || n, 'turn.completed', 'turn_' || n, 0, n, n ${each}`,
    `insert into webhook_deliveries (workspace_id, id, endpoint_id, event_id, type, subject_id, event_at, status, attempts,
      fence, next_attempt_at, created_at)
      select ${workspace}, 'dlv_' || n, 'hook_' || n % 3, 'evt_' || n, 'turn.completed', 'turn_' || n, n,
        case when n % 50 = 0 then 'pending' else 'delivered' end, 1, 1, n, n ${each}`,
    `insert into encrypted_secrets (workspace_id, id, purpose, subject_id, ciphertext, key_version, last_four, created_at)
      select ${workspace}, 'secret_' || n, 'webhook_secret', 'hook_' || n, '', 1, '1234', n ${each}`,
    `insert into sources (workspace_id, bot_id, id, type, title, status, progress, chunk_count, term_count, revision,
      ready_revision, created_at, updated_at)
      select ${workspace}, 'bot_' || n % 7, 'src_' || n, 'text', 'Source', 'ready', 0, 1, 2, 1, 1, n, n ${each}`,
    `insert into source_pages (workspace_id, bot_id, source_id, number, id, url_hash, depth, status, failures, due_at,
      listed_round, read_round, version, chunk_count, term_count, created_at)
      select ${workspace}, 'bot_' || n % 7, 'src_' || n, 0, 'page_' || n, '', 0, 'ready', 0, 0, 1, 1, 1, 1, 2, n ${each}`,
    `insert into chunks (workspace_id, bot_id, source_id, revision, position, id, headings, text, tokens)
      select ${workspace}, 'bot_' || n % 7, 'src_' || n, 1, 0, 'chunk_' || n, '[]', 'We sell wool.', 4 ${each}`,
    `insert into postings (workspace_id, bot_id, term, source_id, revision, entries)
      select ${workspace}, 'bot_' || n % 7, 'term' || term * (n % 500), 'src_' || n, 1, '' ${each},
        generate_series(1, 2) as word (term) where term = 1 or n % 500 > 0`,
    'analyze',
  ];
};

/** The plan that serves any values. */
const genericPlan = async (session: PostgresSession, name: string, sql: string): Promise<PlanNode> => {
  await session.exec(`prepare "${name}" as ${sql}`);
  const [prepared] = await session.query<{ count: number }>(
    null,
    'select coalesce(array_length(parameter_types, 1), 0) as count from pg_prepared_statements where name = $1',
    [name],
  );
  const values = Array.from({ length: prepared?.count ?? 0 }, () => 'null').join(', ');
  const [explained] = await session.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    null,
    `explain (format json) execute "${name}"${values === '' ? '' : ` (${values})`}`,
    [],
  );
  if (!explained) throw new Error('there is no plan');
  return explained['QUERY PLAN'][0].Plan;
};

const noNode: PlanNode = { 'Node Type': 'none', 'Actual Rows': 0 };
const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Few at any time, whatever the size of the table. */
const fewByNature = /^(turns_running|turns_waiting)$/;
/** A workspace has a handful. */
const fewInWorkspace = /^webhook_endpoints/;

/** A whole table is read, or all of a workspace is. */
const isCostly = (node: PlanNode): boolean => {
  if (node['Node Type'] === 'Seq Scan') return true;
  const index = node['Index Name'];
  if (index === undefined || fewByNature.test(index) || fewInWorkspace.test(index)) return false;
  const columns = new Set((node['Index Cond'] ?? '').match(/\b[a-z]\w*(?= (?:=|<|>|<=|>=) )/g));
  columns.delete('workspace_id');
  return columns.size === 0;
};

const writtenTables = ['conversations', 'current_conversations', 'idempotency_keys', 'messages', 'outbox'].concat([
  'quota_ledger',
  'quota_periods',
  'turn_records',
  'turns',
  'usage_daily',
  'users',
]);

const common = { bot_version: 1, channel: 'api', mode: 'live', principal: 'key_1', period_start: 0, at: 9 };
const acceptedUnit = (n: number, more: object) => ({
  ...common,
  n,
  turn_id: `new_turn_${n}`,
  starts_new: false,
  new_conversation_id: `new_${n}`,
  event_id: `evt_${n}`,
  message_id: `new_msg_${n}`,
  message: 'Hello',
  tokens: 1,
  route: 'chat',
  key: `new ${n}`,
  fingerprint: 'f',
  expires_at: 9,
  owner: 'one',
  lease_ms: 1,
  history_limit: 20,
  wants_facts: true,
  wants_summary: true,
  places: [1],
  ...more,
});
/** What a message may do: go on in a conversation, by its id or by the user, begin one, and meet a limit. */
const acceptedUnits = [
  acceptedUnit(0, { bot_id: 'bot_5', user_id: 'user_12' }),
  acceptedUnit(1, { bot_id: 'bot_3', conversation_id: 'conv_24' }),
  acceptedUnit(2, {
    bot_id: 'bot_12',
    user_id: 'nobody yet',
    greeting_id: 'new_greeting',
    greeting: 'Hi',
    greeting_tokens: 1,
  }),
  acceptedUnit(3, { bot_id: 'bot_12', user_id: 'user_36', starts_new: true }),
  acceptedUnit(4, { bot_id: 'bot_12', places: [1, 2] }),
];
const counter = (owner_id: string, more: object) => ({ workspace_id: 'ws_0', owner_id, period_start: 0, ...more });
/** Where there is room for all, for more than come to it, and where each counts by itself. */
const roomy = [counter('user:12', { hard_limit: 100, warn_at: 80, takes: 6 })];
const full = [...roomy, counter('user:24', { hard_limit: 0, warn_at: 0, takes: 1 })];
/** Of turns that have their conversations; one crosses what its counter warns of. */
const endedUnits = [1200, 2400].map((number, n) => ({
  ...common,
  n,
  turn_id: `turn_${number}`,
  conversation_id: `conv_${number}`,
  bot_id: 'bot_1',
  reply_seq: 32,
  fence: 1,
  status: 'completed',
  input_tokens: 1,
  output_tokens: 1,
  charged: 1,
  reply_id: `new_reply_${n}`,
  reply: 'Yes',
  reply_tokens: 1,
  receipt: '{}',
  log: '[]',
  event_id: `new_evt_${n}`,
  event: 'turn.completed',
  event_held_until: 9,
  day_place: 1,
  places: [1],
  charge_ids: [`led_${n}`],
}));
const settled = [counter('user:36', { warned_id: 'crossed_1', spent_id: 'crossed_2', at: 9 })];
const days = [{ mode: 'live', day: '2026-01-01', bot_id: 'bot_1', channel: 'api' }];

/** The plans of the statements in functions, as the module auto_explain tells them when they have run. */
const plansInside = async (
  url: string,
  calls: readonly (readonly [text: string, units: readonly object[], ...others: (readonly object[])[]])[],
): Promise<{ 'Query Text': string; Plan: PlanNode }[]> => {
  const client = new Client(url);
  const plans: { 'Query Text': string; Plan: PlanNode }[] = [];
  client.on('notice', ({ message }) => {
    const start = message?.indexOf('{') ?? -1;
    if (message && start >= 0 && message.includes('plan:')) plans.push(JSON.parse(message.slice(start)));
  });
  await client.connect();
  try {
    await client.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0;
      set auto_explain.log_nested_statements = on; set auto_explain.log_format = json;
      set auto_explain.log_level = notice; set enable_seqscan = on; begin;
      update quota_periods set reserved = 2, warn_at = 1 where workspace_id = 'ws_0' and owner_id = 'user:36'`);
    plans.length = 0;
    for (const [text, units, ...others] of calls) {
      const { rowCount } = await client.query(text, [
        'ws_0',
        ...[units, ...others].map((list) => JSON.stringify(list)),
      ]);
      expect(rowCount).toBe(units.length);
    }
    await client.query('rollback');
  } finally {
    await client.end();
  }
  return plans;
};

/** For texts that are compiled, and sent nowhere. */
const nowhere = new PostgresPool({ url: 'postgres://nobody@127.0.0.1:1/nothing', size: 1 });

describe('a statement on the path of a turn', () => {
  let url: string;
  let pool: PostgresPool;
  beforeAll(async () => {
    url = await createDatabase();
    pool = new PostgresPool({ url, size: 1, statementTimeoutMs: 0 });
    for (const sql of seed()) await pool.run(null, sql, []);
    await pool.withSession((session) =>
      session.exec('set plan_cache_mode = force_generic_plan; set enable_seqscan = on'),
    );
  }, seedTimeoutMs);
  afterAll(async () => {
    await pool.close();
    await dropDatabase(url);
  });

  const db = new Kysely<Schema>({ dialect: kyselyDialect({ pool: nowhere }) });
  const awaited = { awaitedTurns: awaitedTurnsText(db, 16) };
  const lookups = { ...knowledgeLookupTexts(db, 16), ...recallLookupTexts(db, 16), ...awaited };

  it.each(Object.entries({ ...turnSql, ...eventSql, ...lookups }))(
    'finds its rows by their keys: %s',
    async (name, sql) => {
      const plan = await pool.withSession((session) => genericPlan(session, name, sql));
      const nodes = nodesOf(plan);
      expect(nodes.filter(isCostly)).toEqual([]);
    },
  );

  it('finds its rows by their keys inside of the functions, too', async () => {
    const plans = await plansInside(url, [
      [`select * from ${acceptTurnsFunction.name}($1, $2, $3)`, acceptedUnits.slice(0, 2), roomy],
      [`select * from ${acceptTurnsFunction.name}($1, $2, $3)`, acceptedUnits.slice(2), full],
      [`select * from ${finishTurnsFunction.name}($1, $2, $3, $4)`, endedUnits, settled, days],
    ]);
    const known = plans.map(({ 'Query Text': text }) => text).join('\n');
    for (const table of writtenTables) expect(known, table).toMatch(new RegExp(`(?:insert into|update) ${table}\\b`));
    expect(plans.flatMap(({ Plan }) => nodesOf(Plan)).filter(isCostly)).toEqual([]);
  });

  it('is told from one that reads all of a workspace, or a whole table', async () => {
    const costly = async (name: string, sql: string) =>
      nodesOf(await pool.withSession((session) => genericPlan(session, name, sql))).some(isCostly);
    expect(await costly('workspace', 'select count(*) from turns where workspace_id = $1')).toBe(true);
    expect(await costly('table', "select count(*) from messages where text like '%' || $1")).toBe(true);
  });
});

describe('a young database', () => {
  const workspaceId = 'ws_young';
  const turnsBefore = 80;
  const turnsBehind = 400;
  let url: string;
  let store: Store;
  beforeAll(async () => {
    url = await createDatabase();
    store = await openPostgresStore({ url, poolSize: 3, migrate: true });
  });
  afterAll(async () => {
    await store.close();
    await dropDatabase(url);
  });

  const take = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) {
      const accepted = await acceptTurn({ store }, workspaceId, { userId: `user-${turn % 8}` });
      if (accepted.kind !== 'accepted') throw new Error(`the message was ${accepted.kind}`);
      await store.turns.finish(completed(accepted.turn));
    }
  };
  /** Of the table of turns, once all of them are counted. */
  const read = async (turns: number): Promise<{ measured: boolean; entries: number }> => {
    const seen = async () => {
      const [row] = await runSql(
        url,
        `select n_tup_upd::int as ended, last_analyze is not null as measured,
          (select sum(idx_tup_read)::int from pg_stat_user_indexes where relname = 'turns') as entries
          from pg_stat_user_tables where relname = 'turns'`,
      );
      return row as { ended: number; measured: boolean; entries: number };
    };
    await expect.poll(async () => (await seen()).ended, { timeout: 15_000 }).toBe(turns);
    return seen();
  };

  it(
    'is measured behind its first turns, which then read no more than their own rows',
    { timeout: 60_000 },
    async () => {
      await take(turnsBefore);
      await expect.poll(async () => (await read(turnsBefore)).measured, { timeout: 15_000 }).toBe(true);
      const before = (await read(turnsBefore)).entries;
      await take(turnsBehind);
      const { entries } = await read(turnsBefore + turnsBehind);
      expect((entries - before) / turnsBehind).toBeLessThan(10);
    },
  );
});

describe('a look for jobs', () => {
  const waiting = 20_000;
  let url: string;
  let pool: PostgresPool;
  let db: Kysely<Schema>;
  const sent: { sql: string; parameters: readonly unknown[] }[] = [];
  beforeAll(async () => {
    url = await createDatabase();
    pool = new PostgresPool({ url, size: 1 });
    const log = ({ query }: { query: { sql: string; parameters: readonly unknown[] } }) => void sent.push(query);
    db = new Kysely<Schema>({ dialect: kyselyDialect({ pool }), log });
    await pool.run(
      null,
      `insert into jobs (id, workspace_id, kind, payload, status, dedupe_key, run_at, fence, attempts, created_at)
        select 'job_' || n, 'ws_1', 'embed-source', '{}', 'waiting', 'key ' || n, n, 0, 0, 5
        from generate_series(1, ${waiting}) as row (n)`,
      [],
    );
    await pool.withSession((session) => session.exec('analyze jobs'));
  });
  afterAll(async () => {
    await pool.close();
    await dropDatabase(url);
  });

  /** The rows of jobs that the statements of `work` read, and those among them that they pass over. */
  const rowsRead = async (work: () => Promise<unknown>): Promise<number> => {
    sent.length = 0;
    await work();
    let rows = 0;
    for (const { sql, parameters } of sent.filter((query) => query.sql.includes('jobs'))) {
      const [row] = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        null,
        `explain (analyze, format json) ${sql}`,
        parameters,
      );
      for (const node of nodesOf(row?.['QUERY PLAN'][0].Plan ?? noNode)) {
        if (node['Relation Name'] === 'jobs') rows += node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
      }
    }
    return rows;
  };

  it('reads no more of them for the many that wait of other kinds, or are left to nobody', async () => {
    const jobs = jobStoreSql(db, postgresLeaseClock(Date.now));
    const others = ['purge-source', 'purge-bot', 'prune-expired'] as const;
    expect(await rowsRead(() => jobs.claim('node', 1_000, { only: others }))).toBeLessThan(10);
    expect(await rowsRead(() => jobs.claim('node', 1_000, { only: ['embed-source', ...others] }))).toBeLessThan(10);
    expect(await rowsRead(() => jobs.countWaiting('purge-bot', 10))).toBeLessThan(10);
    expect(await rowsRead(() => jobs.removeLeft(['embed-source', ...others], 9, 10))).toBeLessThan(10);
  });
});

const knowledgeSources = 200;
const sourceRows = `from generate_series(1, ${knowledgeSources}) as row (n)`;

/** What a bot was just told, and PostgreSQL has not looked at yet. */
const knowledgeSeed = [
  `insert into source_pages (workspace_id, bot_id, source_id, number, id, url_hash, depth, status, failures, due_at,
    listed_round, read_round, version, chunk_count, term_count, created_at)
    select 'ws', 'bot', 'src_' || n, 0, 'page_' || n, '', 0, 'ready', 0, 0, 1, 1, 1, 50, 500, 1 ${sourceRows}`,
  `insert into sources (workspace_id, bot_id, id, type, title, status, progress, chunk_count, term_count, languages,
    revision, last_version, listed_round, pages_known, pages_done, pages_failed, created_at, updated_at)
    select 'ws', 'bot', 'src_' || n, 'text', 'Source', 'ready', 1, 50, 500, 'en', 1, 1, 1, 1, 1, 0, 1, 1 ${sourceRows}`,
  `insert into postings (workspace_id, bot_id, term, source_id, revision, entries)
    select 'ws', 'bot', 'term_' || (n + term * term) % 5000, 'src_' || n, 1, '' ${sourceRows},
      generate_series(1, 500) as other (term) on conflict do nothing`,
  `insert into chunks (workspace_id, bot_id, source_id, revision, position, id, headings, text, tokens, content_hash)
    select 'ws', 'bot', 'src_' || n, 1, position, 'chunk_' || n || '_' || position, '[]', 'Wool', 1,
      md5(n || ' ' || position) ${sourceRows}, generate_series(0, 49) as other (position)`,
];

describe('a search in knowledge that was just brought in', () => {
  let url: string;
  let pool: PostgresPool;
  beforeAll(async () => {
    url = await createDatabase();
    pool = new PostgresPool({ url, size: 1 });
    for (const sql of knowledgeSeed) await pool.run(null, sql, []);
  });
  afterAll(async () => {
    await pool.close();
    await dropDatabase(url);
  });

  const { postings, chunks } = knowledgeLookupTexts(new Kysely({ dialect: kyselyDialect({ pool: nowhere }) }), 16);
  const bot = ['ws', 'bot'];
  const terms = Array.from({ length: 16 }, (_, at) => `term_${at}`);
  const places = Array.from({ length: 16 }, (_, at) => [`src_${at}`, 0, at]).flat();
  /** By which index a table is read for these values, and how many of its columns are looked up. */
  const wayTo = async (table: string, sql: string, values: readonly unknown[]) => {
    const [row] = await pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      null,
      `explain (format json) ${sql}`,
      values,
    );
    return nodesOf(row?.['QUERY PLAN'][0].Plan ?? noNode)
      .filter((node) => node['Relation Name'] === table)
      .map((node) => `${node['Index Name']}: ${node['Index Cond']?.split(' AND ').length}`);
  };
  const ways = async () => ({
    postings: await wayTo('postings', postings, [...bot, ...terms, 1_000]),
    chunks: await wayTo('chunks', chunks, [...places, ...bot]),
  });

  it('is done by the whole keys once the tables were measured, and would read all of the bot before', async () => {
    expect((await ways()).postings).not.toEqual(['postings_pkey: 3']);
    await measureTables(pool);
    expect(await ways()).toEqual({
      postings: ['postings_pkey: 3'],
      // a page here has fifty, which may be as fast to look through
      chunks: [expect.stringMatching(/^chunks_pkey: [45]$/)],
    });
  });

  it('costs no measuring where a table has not grown much since', async () => {
    const measured = async () => {
      const rows = await pool.query<{ name: string; count: number }>(
        null,
        `select relname as name, analyze_count as count from pg_stat_user_tables where relname in ('postings', 'users')`,
        [],
      );
      return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    };
    await measureTables(pool);
    await expect.poll(measured, { timeout: 15_000 }).toEqual({ postings: 1, users: 0 });
    await pool.run(
      null,
      `insert into postings (workspace_id, bot_id, term, source_id, revision, entries)
        select 'ws', 'bot_b', term, source_id, revision, entries from postings
        union all select 'ws', 'bot_c', term, source_id, revision, entries from postings`,
      [],
    );
    await measureTables(pool);
    await expect.poll(measured, { timeout: 15_000 }).toEqual({ postings: 2, users: 0 });
  });

  it('is left to the owner of the tables by whoever may not measure them', async () => {
    const told: string[] = [];
    const client = new Client({ connectionString: url });
    client.on('notice', (notice) => told.push(notice.message ?? ''));
    await client.connect();
    try {
      await client.query('create role reader_only; grant select on all tables in schema public to reader_only');
      await client.query('update pg_class set relpages = 0 where relname = $1', ['postings']);
      await client.query('set role reader_only');
      await measureTables(new PostgresSession(client));
      expect(told).toEqual([]);
    } finally {
      await client.query('reset role; drop owned by reader_only; drop role reader_only');
      await client.end();
    }
  });
});
