import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewJob } from '../src/core/job/job-store.ts';
import type { Store } from '../src/core/store.ts';
import type { HeldEvent } from '../src/core/webhook/outbox.ts';
import { type ClaimedDelivery, pendingDelivery } from '../src/core/webhook/webhook-delivery.ts';
import { newId } from '../src/kit/id.ts';
import { PostgresPool } from '../src/store/postgres/connection.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { acceptTurn, addWorkspace, completed, conversationOf } from './store-suite/store-under-test.ts';

/**
 * Servers on one database whose clocks are wrong: what one of them holds no other takes before its time, and what is due
 * is due for all. The time is PostgreSQL's own; what has run out is moved into the past.
 */

const leaseMs = 60_000;
const minute = 60_000;

type Server = { store: Store; clock: () => number };

let url: string;
let ahead: Server;
let behind: Server;
let workspaceId: string;
let endpointId: string;

const startServer = async (wrongMs: number): Promise<Server> => {
  const clock = (): number => Date.now() + wrongMs;
  return { clock, store: await openPostgresStore({ url, poolSize: 2, migrate: false, clock }) };
};

beforeEach(async () => {
  url = await createDatabase();
  [ahead, behind] = await Promise.all([startServer(10 * minute), startServer(-10 * minute)]);
  workspaceId = await addWorkspace(ahead);
  endpointId = newId('hook');
  await ahead.store.transact((writers) =>
    writers.webhookEndpoints.insert({
      id: endpointId,
      workspaceId,
      url: 'https://example.com/',
      events: ['turn.completed'],
      description: '',
      status: 'enabled',
      disabledReason: null,
      failingSince: null,
      createdAt: 1,
      updatedAt: 1,
    }),
  );
});
afterEach(async () => {
  for (const { store } of [ahead, behind]) await store.close();
  await dropDatabase(url);
});

/** Whoever holds something, and whoever would take it. */
const pairs = [
  { holder: 'ahead', other: 'behind' },
  { holder: 'behind', other: 'ahead' },
] as const;
const serversOf = ({ holder, other }: (typeof pairs)[number]): [Server, Server] => {
  const servers = { ahead, behind };
  return [servers[holder], servers[other]];
};

describe.each(pairs)('jobs of a server whose clock is $holder, beside one that is $other', (names) => {
  let holder: Server;
  let other: Server;
  beforeEach(() => {
    [holder, other] = serversOf(names);
  });

  const enqueue = (change: Partial<Pick<NewJob, 'runAt'>> = {}): Promise<void> =>
    holder.store.transact((writers) =>
      writers.jobs.enqueue({
        workspaceId,
        kind: 'purge-conversation',
        payload: { conversationId: 'conv_a' },
        ...change,
      }),
    );
  const claim = ({ store }: Server) => store.jobs.claim(newId('node'), leaseMs);
  const claimed = async (server: Server) => {
    const job = await claim(server);
    if (!job) throw new Error('there is no job');
    return job;
  };
  const pass = (milliseconds: number) =>
    runSql(url, `update jobs set lease_until = lease_until - ${milliseconds}, run_at = run_at - ${milliseconds}`);

  it('are left alone while their lease is good, also a renewed one, and are taken once it has run out', async () => {
    await enqueue();
    const job = await claimed(holder);
    expect(await claim(other)).toBeNull();
    await pass(leaseMs - 1_000);
    expect(await holder.store.jobs.renew(job, leaseMs)).toBe(true);
    await pass(leaseMs - 20_000);
    expect(await claim(other)).toBeNull();
    await pass(20_001);
    expect(await claim(other)).toMatchObject({ id: job.id, attempts: 2 });
    expect(await holder.store.jobs.renew(job, leaseMs)).toBe(false);
  });

  it('are due at once where they are to be done at once, and else after their time', async () => {
    await enqueue();
    expect(await claim(other)).not.toBeNull();
    await enqueue({ runAt: holder.clock() + minute });
    expect(await claim(other)).toBeNull();
    await pass(minute + 1);
    expect(await claim(other)).not.toBeNull();
  });

  it('are tried again, or go on, after their pause', async () => {
    const { jobs } = holder.store;
    await enqueue();
    await jobs.fail(await claimed(holder), 'no luck', holder.clock() + minute);
    expect(await claim(other)).toBeNull();
    await pass(minute + 1);
    await jobs.resume(await claimed(holder), holder.clock() + minute);
    expect(await claim(other)).toBeNull();
    await pass(minute + 1);
    expect(await claim(other)).not.toBeNull();
  });
});

describe.each(pairs)('events of a server whose clock is $holder, beside one that is $other', (names) => {
  let holder: Server;
  let other: Server;
  beforeEach(() => {
    [holder, other] = serversOf(names);
  });

  /** A turn ends, and whoever ended it holds what is told of it. `behindIt`: another message waits, so it ends otherwise. */
  const endTurn = async ({ behindIt = false } = {}): Promise<HeldEvent> => {
    const conversation = conversationOf(workspaceId, { userId: null });
    await holder.store.transact((writers) => writers.conversations.insert(conversation, null));
    const change = { userId: null, conversationId: conversation.id, at: holder.clock() };
    const { turn } = await acceptTurn(holder, workspaceId, change);
    if (behindIt) await acceptTurn(holder, workspaceId, change);
    const ended = { ...completed(turn), eventHeldMs: leaseMs, at: holder.clock() };
    const finished = await holder.store.turns.finish(ended);
    if (!finished?.event) throw new Error('nothing is told');
    return finished.event;
  };
  const take = ({ store }: Server) => store.events.take({ leaseMs, limit: 10 });
  const nextDue = ({ store }: Server) => store.readers.webhookDeliveries.nextDue();
  const pass = (milliseconds: number) => runSql(url, `update outbox set available_at = available_at - ${milliseconds}`);
  const count = async (table: string) => (await runSql(url, `select 1 from ${table}`)).length;

  it.each([{ behindIt: false }, { behindIt: true }])(
    'are left alone while they are held, and are taken once they are not, %o',
    async (how) => {
      const event = await endTurn(how);
      expect(await take(other)).toEqual([]);
      expect((await nextDue(other)).eventInMs).toBeGreaterThan(leaseMs / 2);
      await pass(leaseMs + 1);
      expect((await nextDue(other)).eventInMs).toBeLessThanOrEqual(0);
      const [taken] = await take(other);
      expect(taken).toMatchObject({ id: event.id, subjectId: event.subjectId });
      expect(await take(holder)).toEqual([]);
      // the former holder writes nothing, and the present one does
      await holder.store.events.settle([{ event, deliveries: [] }], { maxPending: 10, at: holder.clock() });
      expect(await count('outbox')).toBe(1);
      await other.store.events.settle([{ event: taken!, deliveries: [] }], { maxPending: 10, at: other.clock() });
      expect(await count('outbox')).toBe(0);
    },
  );

  it('are due for all at once where they are given up', async () => {
    const event = await endTurn();
    await holder.store.events.release([event]);
    expect((await nextDue(other)).eventInMs).toBeLessThanOrEqual(0);
    expect(await take(other)).toMatchObject([{ id: event.id }]);
  });

  it('are due for all at once where they are told of by a transaction or by the start of a conversation', async () => {
    await holder.store.transact(({ outbox }) =>
      outbox.append({ workspaceId, type: 'conversation.created', subjectId: 'conv_a', at: holder.clock() }),
    );
    expect(await take(other)).toHaveLength(1);
    await acceptTurn(holder, workspaceId, { userId: 'user_a', at: holder.clock() });
    expect(await take(other)).toMatchObject([{ type: 'conversation.created' }]);
  });
});

describe.each(pairs)('deliveries of a server whose clock is $holder, beside one that is $other', (names) => {
  let holder: Server;
  let other: Server;
  beforeEach(() => {
    [holder, other] = serversOf(names);
  });

  const of = () => ({ workspaceId, endpointId });
  const insert = ({ store, clock }: Server) => {
    const about = { eventId: newId('evt'), type: 'webhook.test', subjectId: endpointId, eventAt: clock() } as const;
    return store.transact((writers) =>
      writers.webhookDeliveries.insert(pendingDelivery({ ...of(), ...about }, clock())),
    );
  };
  const claim = async ({ store }: Server): Promise<ClaimedDelivery[]> => {
    const options = { leaseMs, limit: 10, perEndpoint: 10, running: new Map<string, number>() };
    return (await store.transact((writers) => writers.webhookDeliveries.claim(options))).deliveries;
  };
  const dueInMs = async ({ store }: Server) => (await store.readers.webhookDeliveries.nextDue()).deliveryInMs;
  const pass = (milliseconds: number) =>
    runSql(url, `update webhook_deliveries set next_attempt_at = next_attempt_at - ${milliseconds}`);

  it('are left alone while they are attempted, and are taken once that must be over', async () => {
    await insert(holder);
    expect(await dueInMs(other)).toBeLessThanOrEqual(0);
    const [first] = await claim(holder);
    expect(await claim(other)).toEqual([]);
    expect(await dueInMs(other)).toBeGreaterThan(leaseMs / 2);
    await pass(leaseMs + 1);
    expect(await claim(other)).toMatchObject([{ id: first!.id, attempts: 2 }]);
    expect(await claim(holder)).toEqual([]);
  });

  it('are attempted again after their pause, and at once where they are replayed', async () => {
    await insert(holder);
    const [claimed] = await claim(holder);
    const next = { status: 'pending', nextAttemptAt: holder.clock() + 5 * minute } as const;
    const result = { ...next, at: holder.clock(), responseStatus: 500, durationMs: 1, error: 'http_status' } as const;
    await holder.store.transact((writers) => writers.webhookDeliveries.finish(claimed!, result));
    expect(await claim(other)).toEqual([]);
    await pass(4 * minute);
    expect(await claim(other)).toEqual([]);
    await pass(minute + 1);
    expect(await claim(other)).toHaveLength(1);
    await holder.store.transact((writers) => writers.webhookDeliveries.replay(of(), claimed!.id));
    expect(await claim(other)).toHaveLength(1);
  });

  it('that come of an event are claimed by whoever attempts them, and wait for anybody else', async () => {
    await holder.store.transact(({ outbox }) =>
      outbox.append({ workspaceId, type: 'turn.completed', subjectId: 'turn_a', at: holder.clock() }),
    );
    const [event] = await holder.store.events.take({ leaseMs, limit: 1 });
    const about = { eventId: event!.id, type: event!.type, subjectId: event!.subjectId, eventAt: event!.createdAt };
    const waiting = { ...pendingDelivery({ ...of(), ...about }, holder.clock()), fence: 0 };
    const begun = { attempts: 1, fence: 1, nextAttemptAt: holder.clock() + leaseMs };
    const attempted = { ...waiting, id: newId('dlv'), ...begun };
    const settled = [{ event: event!, deliveries: [waiting, attempted] }];
    await holder.store.events.settle(settled, { maxPending: 10, at: holder.clock() });
    expect((await claim(other)).map(({ id }) => id)).toEqual([waiting.id]);
    await pass(leaseMs + 1);
    expect((await claim(other)).map(({ id }) => id).toSorted()).toEqual([waiting.id, attempted.id].toSorted());
  });
});

it('a job whose lease is renewed while another server is taking it stays where it is', async () => {
  await ahead.store.transact((writers) =>
    writers.jobs.enqueue({ workspaceId, kind: 'purge-conversation', payload: { conversationId: 'conv_a' } }),
  );
  const job = await behind.store.jobs.claim('node_a', -1);
  const pool = new PostgresPool({ url, size: 1 });
  let taking: Promise<unknown> | undefined;
  try {
    await pool.transaction(async (session) => {
      await session.exec("update jobs set lease_until = lease_until + 60000 where status = 'running'");
      taking ??= ahead.store.jobs.claim('node_b', leaseMs);
      const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
      await expect.poll(() => runSql(url, waiting)).toHaveLength(1);
    });
  } finally {
    await pool.close();
  }
  expect(await taking).toBeNull();
  expect(await behind.store.jobs.renew(job!, leaseMs)).toBe(true);
});
