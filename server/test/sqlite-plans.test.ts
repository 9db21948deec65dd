import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import type { SQLInputValue } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConversationFilter } from '../src/core/conversation/conversation-store.ts';
import type { PageRequest } from '../src/core/page.ts';
import { systemClock } from '../src/kit/clock.ts';
import { newId } from '../src/kit/id.ts';
import { backlogSql } from '../src/store/backlog-sql.ts';
import { botStoreSql } from '../src/store/bot-store-sql.ts';
import { clientStoreSql } from '../src/store/client-store-sql.ts';
import { conversationStoreSql } from '../src/store/conversation-store-sql.ts';
import { purgeWorkspace } from '../src/store/delete-workspace-sql.ts';
import { purgeBot } from '../src/store/delete-bot-sql.ts';
import { feedbackStoreSql } from '../src/store/feedback-store-sql.ts';
import { idempotencyStoreSql } from '../src/store/idempotency-store-sql.ts';
import { jobStoreSql } from '../src/store/job-store-sql.ts';
import { keyStoreSql } from '../src/store/key-store-sql.ts';
import { migrate } from '../src/store/migrate.ts';
import type { Schema } from '../src/store/schema.ts';
import { SqliteConnection } from '../src/store/sqlite/connection.ts';
import { sqliteDialect } from '../src/store/sqlite/dialect.ts';
import { type Durability, openDurability } from '../src/store/sqlite/durability.ts';
import { kyselyDialect } from '../src/store/sqlite/kysely-driver.ts';
import { eventSql } from '../src/store/sqlite/event-sql.ts';
import { historySql, turnSql } from '../src/store/sqlite/turn-sql.ts';
import { sqliteLeaseClock } from '../src/store/sqlite/lease-clock.ts';
import { SqliteWriter } from '../src/store/sqlite/writer.ts';
import { retentionReaderSql, retentionStoreSql } from '../src/store/retention-store-sql.ts';
import { usageStoreSql } from '../src/store/usage-store-sql.ts';
import { userStoreSql } from '../src/store/user-store-sql.ts';
import { webhookDeliveryStoreSql } from '../src/store/webhook-delivery-store-sql.ts';
import { workspaceStoreSql } from '../src/store/workspace-store-sql.ts';

/**
 * What each query of the store costs, by SQLite's own plan: nothing is scanned or sorted, so that a page costs the same
 * wherever it lies and however much there is. The queries are those that the store functions really send.
 */

const leases = sqliteLeaseClock(systemClock);
const sqlParts = { dialect: sqliteDialect, leases };

const workspaceId = newId('ws');
const botId = newId('bot');
const conversationId = newId('conv');
const messageId = newId('msg');
const turnId = newId('turn');
const all: ConversationFilter = { mode: 'live', botIds: null };
const first: PageRequest = { limit: 20, after: null, before: null };
const deep: PageRequest = { limit: 20, after: newId('conv'), before: null };
const upwards: PageRequest = { limit: 20, after: null, before: newId('conv') };

let directory: string;
let connection: SqliteConnection;
let db: Kysely<Schema>;
let durability: Durability;
let sent: { sql: string; parameters: readonly unknown[] }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-plans-'));
  connection = new SqliteConnection(join(directory, 'parley.db'), { readOnly: false });
  durability = await openDurability(connection, join(directory, 'parley.db'), { onFailure: () => {} });
  db = new Kysely<Schema>({
    dialect: kyselyDialect({ connection, writer: new SqliteWriter(connection, durability) }),
    log: ({ query }) => {
      if (/^(with|select|insert|update|delete)/.test(query.sql)) sent.push(query);
    },
  });
  await migrate(db, sqliteDialect);
  // one conversation with a turn that runs, so that no function stops before its last query
  const at = 1;
  await db
    .insertInto('conversations')
    .values({
      workspace_id: workspaceId,
      id: conversationId,
      bot_id: botId,
      user_id: 'user',
      channel: 'api',
      mode: 'live',
      status: 'open',
      active_turn_id: turnId,
      next_seq: 17,
      metadata: '{}',
      created_at: at,
      updated_at: at,
      deleted_at: null,
    })
    .execute();
  await db
    .insertInto('messages')
    .values({
      workspace_id: workspaceId,
      conversation_id: conversationId,
      seq: 1,
      id: messageId,
      turn_id: turnId,
      role: 'user',
      text: 'hello',
      tokens: 1,
      metadata: null,
      citations: null,
      created_at: at,
    })
    .execute();
  connection.exec(`insert into turns (workspace_id, id, conversation_id, bot_id, bot_version, channel, mode, principal,
    status, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, input_tokens, output_tokens,
    created_at) values ('${workspaceId}', '${turnId}', '${conversationId}', '${botId}', 1, 'api', 'live', 'key:x',
    'running', 1, 1, 1, 1, 0, '[["${workspaceId}","${workspaceId}"]]', 0, 0, 0, 1)`);
});

afterAll(async () => {
  await db.destroy();
  await durability.close();
  connection.close();
  await rm(directory, { recursive: true });
});

/** The steps of the plans of every query that `work` sends. */
const plansOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  sent = [];
  await work();
  expect(sent.length).toBeGreaterThan(0);
  return sent.flatMap(({ sql, parameters }) =>
    connection
      .all<{ detail: string }>(`explain query plan ${sql}`, ...(parameters as SQLInputValue[]))
      .map(({ detail }) => detail),
  );
};

/**
 * A whole table is walked, all of a workspace is, rows are sorted, or an index is made for one query. Small by nature:
 * `recent` (the latest messages of one conversation), `part` (the pieces of one message), `waiting` (counted to a limit), a
 * list that is a parameter, and the turns that run or wait.
 */
const costly = new RegExp(
  [
    '^SCAN (?!recent$|part\\b|waiting$|json_each|asked$|CONSTANT ROW$|turns USING (COVERING )?INDEX turns_(running|waiting)$)',
    '^SEARCH (?!webhook_endpoints)\\w+ (EXISTS )?USING PRIMARY KEY \\(workspace_id=\\?\\)$',
    'TEMP B-TREE',
    'AUTOMATIC',
  ].join('|'),
);

const expectCheap = async (work: () => Promise<unknown>): Promise<string[]> => {
  const plans = await plansOf(work);
  expect(plans.filter((step) => costly.test(step))).toEqual([]);
  return plans;
};

describe('a list of conversations', () => {
  const filters: [string, Partial<ConversationFilter>, string][] = [
    ['no filter', {}, 'conversations_newest'],
    ['a user', { userId: 'user' }, 'conversations_user'],
    ['a bot', { botId }, 'conversations_bot'],
    ['a status', { status: 'closed' }, 'conversations_status'],
    ['the status that most have', { status: 'open' }, 'conversations_newest'],
    ['a channel', { channel: 'telegram' }, 'conversations_channel'],
    ['the channel that most have', { channel: 'api' }, 'conversations_newest'],
    ['the bots of a key', { botIds: [botId, newId('bot')] }, 'conversations_bot'],
    ['a user and a bot', { userId: 'user', botId }, 'conversations_user'],
    ['a user and the bots of a key', { userId: 'user', botIds: [botId, newId('bot')] }, 'conversations_user'],
    ['a bot and conversations with people', { botId, status: 'human' }, 'conversations_status'],
    ['a bot and a status', { botId, status: 'closed' }, 'conversations_bot'],
    ['a channel and a status', { channel: 'widget', status: 'closed' }, 'conversations_channel'],
    ['everything', { userId: 'user', botId, channel: 'api', status: 'open' }, 'conversations_user'],
  ];

  for (const [name, filter, index] of filters) {
    it(`by ${name} is read along ${index}, on any page`, async () => {
      const conversations = conversationStoreSql(db, sqlParts);
      for (const page of [first, deep, upwards]) {
        const plans = await expectCheap(() => conversations.list(workspaceId, { ...all, ...filter }, page));
        const indexes = plans
          .filter((step) => / conversations /.test(step))
          .map((step) => /USING (?:COVERING )?INDEX (\w+)/.exec(step)?.[1]);
        expect(new Set(indexes)).toEqual(new Set([index]));
      }
    });

    it(`by ${name} and a text sorts nothing`, async () => {
      const conversations = conversationStoreSql(db, sqlParts);
      await expectCheap(() => conversations.list(workspaceId, { ...all, ...filter, query: 'hello' }, deep));
    });
  }
});

describe('a long read', () => {
  it('leaves the quick connection alone: searches, lists that pass rows over, and sums over many days', async () => {
    const asked = { quick: 0, long: 0 };
    const kysely = (name: keyof typeof asked) =>
      new Kysely<Schema>({
        dialect: kyselyDialect({ alone: connection }),
        log: () => {
          asked[name] += 1;
        },
      });
    const quick = kysely('quick');
    const long = kysely('long');
    const conversations = conversationStoreSql(quick, sqlParts, () => long);
    const usage = usageStoreSql(quick, () => long);
    const span = { mode: 'live', from: '2026-01-01', to: '2026-12-31', botIds: null } as const;
    for (const filter of [
      { query: 'hello' },
      { userId: 'user', status: 'closed' },
      { userId: 'user', botIds: [botId] },
      { botIds: [botId], channel: 'api' },
      { status: 'open' },
    ] satisfies Partial<ConversationFilter>[]) {
      await conversations.list(workspaceId, { ...all, ...filter }, first);
    }
    await usage.ledger(workspaceId, { ownerId: workspaceId, botIds: [botId] }, first);
    // a search first looks how far back it may go
    expect(asked).toEqual({ quick: 0, long: 7 });
    await conversations.list(workspaceId, { ...all, userId: 'user' }, first);
    await usage.ledger(workspaceId, { ownerId: workspaceId, botIds: null }, first);
    expect(asked).toEqual({ quick: 2, long: 7 });
    // a span is measured before it is read
    await usage.daily(workspaceId, span, 10);
    await usage.sums(workspaceId, span, 10);
    expect(asked).toEqual({ quick: 6, long: 7 });
    connection.exec(`insert into usage_daily
      (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 2001)
      select '${workspaceId}', 'live', '2026-05-05', 'bot_' || i, 'api', 1, 1, 1, 1 from n`);
    await usage.daily(workspaceId, span, 10);
    await usage.sums(workspaceId, span, 10);
    expect(asked).toEqual({ quick: 8, long: 9 });
  });
});

describe('what the store asks', () => {
  it('finds the messages of a conversation by place, on any page', async () => {
    const conversations = conversationStoreSql(db, sqlParts);
    await expectCheap(() => conversations.listMessages(workspaceId, conversationId, first));
    await expectCheap(() => conversations.listMessages(workspaceId, conversationId, { ...first, after: messageId }));
    await expectCheap(() => conversations.listMessages(workspaceId, conversationId, { ...first, before: messageId }));
  });

  it('finds keys by their id and in pages', async () => {
    const keys = keyStoreSql(db);
    await expectCheap(() => keys.list(workspaceId, deep));
    await expectCheap(() => keys.find(workspaceId, newId('key')));
    await expectCheap(() => keys.findForSecret(newId('key')));
    const counted = await plansOf(() => keys.count(workspaceId, 10));
    // counted to a limit
    expect(counted.filter((step) => !/^(SCAN usable|CO-ROUTINE usable)$/.test(step))).toEqual([
      'SEARCH api_keys USING INDEX api_keys_usable (workspace_id=?)',
    ]);
    const removed = await expectCheap(() => keys.removeRevoked(5, 10));
    expect(removed[0]).toContain('USING COVERING INDEX api_keys_revoked (revoked_at<?)');
  });

  it('reads usage along its days and the ledger along its entries', async () => {
    const usage = usageStoreSql(db);
    const span = { mode: 'live', from: '2026-01-01', to: '2026-12-31', botIds: null } as const;
    await expectCheap(() => usage.daily(workspaceId, span, 100));
    await expectCheap(() => usage.ledger(workspaceId, { ownerId: workspaceId, botIds: null }, deep));
    await expectCheap(() => usage.counter(workspaceId, workspaceId, 0));
  });

  it('finds, lists and links users along their keys', async () => {
    const users = userStoreSql(db, leases);
    const place = { workspaceId, mode: 'live' as const, userId: 'user' };
    await users.save(place, {}, 1);
    await users.save({ ...place, userId: 'other' }, {}, 1);
    await expectCheap(() => users.addLink(place, 'other', 1));
    await expectCheap(() => users.find(place));
    await expectCheap(() => users.links({ ...place, userIds: ['user', 'other'] }));
    await expectCheap(() => users.counts({ ...place, userIds: ['user', 'other'] }));
    for (const page of [first, { ...first, after: 'other' }, { ...first, before: 'other' }]) {
      const plans = await expectCheap(() => users.list({ ...place, prefix: null }, page));
      expect(plans.some((step) => step.includes('users_newest'))).toBe(true);
    }
  });

  it('finds the visitor that a person was, and the turns that name somebody who is erased, along keys', async () => {
    const users = userStoreSql(db, sqlParts.leases);
    const ids = { workspaceId, mode: 'live', userIds: ['user', 'other'] } as const;
    await expectCheap(() => users.visitorsBefore(ids));
    connection.exec(`insert into erasures (workspace_id, id, mode, user_hash, subjects, status, users, conversations,
      messages, turns, created_at) values ('${workspaceId}', 'era_a', 'live', 'hash', '["user"]', 'running', 1, 0, 0, 0, 1)`);
    await expectCheap(() => users.forgetInTurns(workspaceId, 'era_a', ''));
  });

  it('looks through conversations for what retention removes along their keys', async () => {
    const retention = retentionReaderSql(db, () => db);
    const bounds = { before: 1, maxMessages: 10 };
    await expectCheap(() => retention.listOverdue(workspaceId, bounds, newId('conv')));
    await expectCheap(() => retentionStoreSql(db).prune(workspaceId, conversationId, { ...bounds, limit: 10, now: 5 }));
  });

  it('drops expired keys along their expiry', async () => {
    await expectCheap(() => idempotencyStoreSql(db).removeExpired(5, 10));
  });

  it.each(Object.entries({ ...turnSql, ...eventSql, history: historySql(21) }))(
    'on the path of a turn is cheap: %s',
    (_name, sql) => {
      const plan = connection.all<{ detail: string }>(`explain query plan ${sql}`);
      expect(plan.map(({ detail }) => detail).filter((step) => costly.test(step))).toEqual([]);
    },
  );

  it('finds a workspace by its id', async () => {
    await expectCheap(() => workspaceStoreSql(db).find(workspaceId));
  });

  it('finds client workspaces by their parent, on any page', async () => {
    const clients = clientStoreSql(db, leases);
    const page = { ...first, after: workspaceId };
    await expectCheap(() => clients.list(workspaceId, page));
    await expectCheap(() => clients.find(workspaceId, newId('ws')));
    await expectCheap(() => clients.count(workspaceId));
  });

  it('finds the bots with limits, and one node of the quota tree, along their ids', async () => {
    const usage = usageStoreSql(db);
    await expectCheap(() => usage.botNodes(workspaceId, 0, 10));
    await expectCheap(() => usage.node(workspaceId, botId, 0));
    await expectCheap(() => botStoreSql(db, leases).find(workspaceId, botId));
  });

  it('deletes a workspace without walking through those of others', async () => {
    const gone = newId('ws');
    const plans = await plansOf(() => purgeWorkspace(db, { workspaceId: gone, limit: 10, at: 2, leases }));
    expect(
      plans.filter((step) => /^SCAN (?!turns USING (COVERING )?INDEX turns_(running|waiting)$)/.test(step)),
    ).toEqual([]);
    // its turns that have not ended are few, and found as such
    expect(plans.filter((step) => /^SEARCH turns USING PRIMARY KEY \(workspace_id=\?\)$/.test(step))).toEqual([]);
  });

  it('finds what a deleted bot leaves without looking at other bots', async () => {
    for (const mode of [null, 'live'] as const) {
      await expectCheap(() => botStoreSql(db, leases).hasConversations(workspaceId, botId, mode));
    }
    await expectCheap(() => purgeBot(db, { workspaceId, botId: newId('bot'), limit: 10, at: 2, leases }));
  });

  it('lists versions of a bot along their key, on any page', async () => {
    const bots = botStoreSql(db, leases);
    for (const page of [
      { limit: 20, after: null, before: null },
      { limit: 20, after: 500, before: null },
      { limit: 20, after: null, before: 500 },
    ]) {
      expect(await expectCheap(() => bots.listVersions(workspaceId, botId, page))).toHaveLength(1);
    }
    await expectCheap(() => bots.readVersion(workspaceId, botId, 500));
  });

  it('counts what is left to do by the first entries of partial indexes, whatever else their tables hold', async () => {
    connection.exec(`insert into jobs (id, kind, payload, status, run_at, fence, attempts, created_at) values
      ('job_waits', 'purge-bot', '{}', 'waiting', 0, 0, 0, 5), ('job_died', 'erase-user', '{}', 'dead', 0, 0, 0, 5)`);
    const plans = await plansOf(() => backlogSql(db, { leases, clock: systemClock }).read());
    connection.exec(`delete from jobs where id in ('job_waits', 'job_died')`);
    const read = plans.filter((step) => /\b(?:jobs|outbox|webhook_deliveries)\b/.test(step));
    const indexes = read.map((step) => /^SEARCH \w+ USING (?:COVERING )?INDEX (\w+) \(/.exec(step)?.[1] ?? step);
    // a kind, its jobs, and the look for another kind
    const [waiting, dead] = ['jobs_kind', 'jobs_dead'].map((index) => [index, index, index]);
    const ofJobs = [...waiting!, 'jobs_leased', ...dead!, 'jobs_due'];
    expect(indexes).toEqual([...ofJobs, 'outbox_due', 'webhook_deliveries_due']);
  });

  it('brings events to their endpoints along indexes, however much waits or was sent', async () => {
    const deliveries = webhookDeliveryStoreSql(db, leases);
    const endpointId = newId('hook');
    const of = { workspaceId, endpointId };
    expect(await expectCheap(() => deliveries.nextDue())).toContainEqual(
      expect.stringContaining('webhook_deliveries_due'),
    );
    await expectCheap(() =>
      deliveries.claim({ leaseMs: 1, limit: 1, perEndpoint: 1, running: new Map([[endpointId, 1]]) }),
    );
    await expectCheap(() => deliveries.list(of, { status: null, type: null }, first));
    await expectCheap(() => deliveries.replay(of, newId('dlv')));
    await expectCheap(() => deliveries.replayFailed(of, { since: 0, limit: 10 }));
    await expectCheap(() => deliveries.removeEnded(2, 10));
    await expectCheap(() => deliveries.purge(workspaceId, endpointId, 10));
  });

  it('counts jobs by their kind, and finds those that are left among the dead, the lost and the unknown', async () => {
    const jobs = jobStoreSql(db, leases);
    connection.exec(`insert into jobs (id, kind, payload, status, run_at, fence, attempts, created_at) values
      ('job_a', 'a-newer-kind', '{}', 'waiting', 0, 0, 0, 5), ('job_b', 'purge-bot', '{}', 'waiting', 0, 0, 0, 5)`);
    const found = (plan: string[]) => plan.filter((step) => / jobs /.test(step));
    expect(found(await plansOf(() => jobs.countWaiting('purge-bot', 10)))).toEqual([
      'SEARCH jobs USING INDEX jobs_kind (kind=?)',
    ]);
    const ofKind = 'SEARCH jobs USING INDEX jobs_kind (kind=?)';
    const kind = 'SEARCH jobs USING COVERING INDEX jobs_kind (kind>?)';
    const plan = found(await plansOf(() => jobs.removeLeft(['purge-bot'], 1, 10)));
    expect(plan.filter((step) => step !== 'SEARCH jobs USING PRIMARY KEY (id=?)')).toEqual([
      'SEARCH jobs USING COVERING INDEX jobs_dead_age (created_at<?)',
      'SEARCH jobs USING INDEX jobs_leased (lease_until<?)',
      kind,
      ofKind,
      kind,
      kind,
    ]);
  });

  it('finds what a user thought of a reply by its turn alone', async () => {
    await expectCheap(() => feedbackStoreSql(db).find(workspaceId, turnId));
  });

  it('finds the turn that waits for a person, and answers it, by its conversation alone', async () => {
    const conversations = conversationStoreSql(db, sqlParts);
    await expectCheap(() => conversations.findAwaitedTurns([{ workspaceId, turnId }]));
    await expectCheap(() => conversations.findMessage(workspaceId, messageId));
    await expectCheap(() =>
      conversations.answer({
        id: newId('msg'),
        workspaceId,
        conversationId,
        role: 'human',
        parts: [{ type: 'text', text: 'Hello' }],
        tokens: 1,
        metadata: {},
        citations: [],
        createdAt: 2,
      }),
    );
  });

  it('closes, opens, deletes and purges a conversation without looking at another', async () => {
    const conversations = conversationStoreSql(db, sqlParts);
    const known = await conversations.find(workspaceId, conversationId);
    if (!known) throw new Error('the conversation is missing');
    await expectCheap(() => conversations.update({ ...known, status: 'closed' }));
    await expectCheap(() => conversations.update({ ...known, status: 'open' }));
    await expectCheap(() => conversations.markDeleted(workspaceId, conversationId, 2));
    await expectCheap(() => conversations.purge(workspaceId, conversationId, 100));
  });
});
