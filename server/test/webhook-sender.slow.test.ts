import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../src/core/store.ts';
import { disabledAfterMs } from '../src/core/webhook/note-attempt.ts';
import { retryPausesMs } from '../src/core/webhook/retry-schedule.ts';
import type { EventQueue } from '../src/core/webhook/event-queue.ts';
import type { HeldEvent } from '../src/core/webhook/outbox.ts';
import type { ClaimedDelivery, WebhookDelivery } from '../src/core/webhook/webhook-delivery.ts';
import { holdingOf, sendingsOf, settledEvent, type Told } from '../src/job/held-event.ts';
import { WebhookSender } from '../src/job/webhook-sender.ts';
import { presentWebhookEvent } from '../src/http/present/webhook.ts';
import { newId } from '../src/kit/id.ts';
import { createOutbound, type Outbound } from '../src/kit/outbound/outbound.ts';
import { openStore } from '../src/store/open-store.ts';
import { acceptTurn, completed, conversationOf } from './store-suite/store-under-test.ts';
import { databaseOf } from './test-database.ts';
import { type Receiver, startReceiver } from './webhook-receiver.ts';

/** The sender on a real store, with a clock that is moved: three days pass in a moment. */

const workspaceId = newId('ws');
const endpointId = newId('hook');

let folder: string;
let database: Awaited<ReturnType<typeof databaseOf>>;
let store: Store;
let receiver: Receiver;
let outbound: Outbound;
let senders: WebhookSender[];
let errors: unknown[];
let now: number;
/** What Math.random would give: in the middle, pauses are as the table has them. */
let random: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-sender-'));
  database = await databaseOf(folder);
  const keyring = { current: 1, keys: new Map([[1, randomBytes(32)]]) };
  await moveTo(Date.UTC(2026, 10, 1));
  store = await openStore(database.place, { migrate: true, keyring, clock: () => now });
  receiver = await startReceiver();
  outbound = createOutbound({ allowOrigins: [receiver.origin] });
  senders = [];
  errors = [];
  random = 0.5;
  await store.transact(async (writers) => {
    await writers.workspaces.insert({ id: workspaceId, parentId: null, name: 'Test', plan: null, createdAt: now });
    await addEndpoint(writers, endpointId, '/');
  });
});
afterEach(async () => {
  for (const sender of senders) await sender.stop(1_000);
  await outbound.close();
  await receiver.close();
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true });
  if (errors.length > 0) throw new AggregateError(errors, 'the sender met errors');
});

/** Changes the time of the sender, of the store, and of the database where that has one of its own. */
const moveTo = async (at: number): Promise<void> => {
  now = at;
  await database.setClock(at);
};

const addEndpoint = async (
  writers: Parameters<Parameters<Store['transact']>[0]>[0],
  id: string,
  path: string,
): Promise<void> => {
  await writers.webhookEndpoints.insert({
    id,
    workspaceId,
    url: receiver.origin + path,
    events: ['conversation.created', 'turn.completed'],
    description: '',
    status: 'enabled',
    disabledReason: null,
    failingSince: null,
    createdAt: now,
    updatedAt: now,
  });
  await writers.encryptedSecrets.insert(
    {
      id: newId('secret'),
      workspaceId,
      purpose: 'webhook_secret',
      subjectId: id,
      lastFour: 'test',
      createdAt: now,
      expiresAt: null,
    },
    `whsec_${randomBytes(32).toString('base64')}`,
  );
};

const startSender = (options: { maxPauseMs?: number; events?: EventQueue } = {}): WebhookSender => {
  const sender = new WebhookSender({
    readers: { ...store.readers, turns: store.turns },
    events: store.events,
    transact: store.transact,
    outbound,
    clock: () => now,
    random: () => random,
    present: presentWebhookEvent,
    onError: (error) => errors.push(error),
    ...options,
  });
  senders.push(sender);
  sender.start();
  return sender;
};

/** Turns what waits in the outbox into deliveries that wait: what a sender does that has no room for them. */
const putOff = async (maxPending = 10_000): Promise<void> => {
  const events = await store.events.take({ leaseMs: 1_000, limit: 100 });
  const destinations = await store.events.destinations([workspaceId], now);
  const settled = events.map((event) => {
    const holding = holdingOf(event, null, 0);
    holding.sendings = sendingsOf(holding, destinations.get(workspaceId) ?? [], now);
    return settledEvent(holding);
  });
  await store.events.settle(settled, { maxPending, at: now });
};

const claim = async (running: [string, number][] = []): Promise<ClaimedDelivery[]> => {
  const options = { leaseMs: 20_000, limit: 32, perEndpoint: 4, running: new Map(running) };
  return (await store.transact((writers) => writers.webhookDeliveries.claim(options))).deliveries;
};

/** Something happens of which the endpoint wants to be told. */
const happen = async (): Promise<string> => {
  const conversation = conversationOf(workspaceId, { userId: null });
  await store.transact(async (writers) => {
    await writers.conversations.insert(conversation, null);
    await writers.outbox.append({
      workspaceId,
      type: 'conversation.created',
      subjectId: conversation.id,
      at: now,
    });
  });
  return conversation.id;
};

const deliveries = async (of = endpointId): Promise<WebhookDelivery[]> =>
  (
    await store.readers.webhookDeliveries.list(
      { workspaceId, endpointId: of },
      { status: null, type: null },
      { limit: 100, after: null, before: null },
    )
  ).items;

const attempted = async (times: number): Promise<WebhookDelivery> => {
  await expect.poll(async () => (await deliveries())[0]?.lastAttempt && receiver.received.length).toBe(times);
  await expect
    .poll(async () => {
      const [delivery] = await deliveries();
      return delivery?.attempts === times && (delivery.nextAttemptAt ?? Infinity) - now !== 20_000;
    })
    .toBe(true);
  return (await deliveries())[0]!;
};

describe('an endpoint that keeps failing', () => {
  it('gets ten attempts in some 75 hours with one id, and then the delivery is given up', async () => {
    receiver.use(() => ({ status: 500 }));
    const sender = startSender();
    await happen();
    sender.wake();
    const begun = now;
    const pauses: number[] = [];
    for (let times = 1; times < 10; times += 1) {
      const delivery = await attempted(times);
      expect(delivery).toMatchObject({ status: 'pending', lastAttempt: { responseStatus: 500, error: 'http_status' } });
      pauses.push(delivery.nextAttemptAt! - now);
      await moveTo(delivery.nextAttemptAt!);
      sender.wake();
    }
    await attempted(10);
    await expect.poll(async () => (await deliveries())[0]?.status).toBe('failed');
    expect(pauses).toEqual(retryPausesMs);
    expect((now - begun) / 3_600_000).toBeCloseTo(75.6, 1);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(new Set(times).size).toBe(10);
    await moveTo(now + 100 * 3_600_000);
    // once the next event has come, the sender has seen that nothing of the first is due any more
    await happen();
    sender.wake();
    await expect.poll(() => receiver.received.length).toBeGreaterThan(10);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids.filter((id) => id === ids[0])).toHaveLength(10);
    expect(await store.readers.webhookEndpoints.find(workspaceId, endpointId)).toMatchObject({ status: 'enabled' });
  });

  it('is disabled once it has failed for five days, and enabled it begins anew', async () => {
    receiver.use(() => ({ status: 500 }));
    const sender = startSender();
    await happen();
    sender.wake();
    await attempted(1);
    await moveTo(now + disabledAfterMs);
    // nothing is left to try for the first; the second fails for the tenth time
    await store.transact(async (writers) => {
      const [first] = await deliveries();
      await writers.webhookDeliveries.insert({ ...first!, id: newId('dlv'), attempts: 9, nextAttemptAt: now });
    });
    sender.wake();
    const read = () => store.readers.webhookEndpoints.find(workspaceId, endpointId);
    await expect.poll(read).toMatchObject({ status: 'disabled', disabledReason: 'failing' });
    const acts = await database.query(`select action from audit_log where target = '${endpointId}'`);
    expect(acts).toEqual([{ action: 'webhook_endpoint.disable' }]);
  });
});

describe('a pause', () => {
  it.each([
    [503, '3600', 3_600_000],
    [429, '600', 600_000],
    [429, '1', 5_000],
    [503, '999999999', 24 * 3_600_000],
    [500, '3600', 5_000],
    [503, 'Sun, 01 Nov 2026 02:00:00 GMT', 2 * 3_600_000],
    [503, 'soon', 5_000],
  ])('after %i with Retry-After %s is %i ms', async (status, retryAfter, pauseMs) => {
    receiver.use(() => ({ status, headers: { 'retry-after': retryAfter } }));
    const sender = startSender();
    await happen();
    sender.wake();
    expect((await attempted(1)).nextAttemptAt! - now).toBe(pauseMs);
  });

  it('is spread by a tenth, so that what failed together does not come back together', async () => {
    receiver.use(() => ({ status: 500 }));
    random = 0;
    const sender = startSender();
    await happen();
    sender.wake();
    const first = await attempted(1);
    expect(first.nextAttemptAt! - now).toBe(4_500);
    random = 1;
    await moveTo(first.nextAttemptAt!);
    sender.wake();
    expect((await attempted(2)).nextAttemptAt! - now).toBe(330_000);
  });
});

/** A turn ends, and this process holds what is told of it; nobody has sent it yet. */
const endTurn = async (): Promise<{ event: HeldEvent; told: Told }> => {
  const conversation = conversationOf(workspaceId, { userId: null });
  await store.transact((writers) => writers.conversations.insert(conversation, null));
  const { turn } = await acceptTurn({ store }, workspaceId, { userId: null, conversationId: conversation.id });
  const finished = await store.turns.finish({ ...completed(turn), eventHeldMs: 10_000, at: now });
  if (!finished?.event) throw new Error('nothing is told');
  const { result, event } = finished;
  const { conversationId, mode } = result.turn;
  return { event, told: { subject: { kind: 'turn', turn: result }, mode, conversationId } };
};

const outbox = () => database.query('select id, available_at from outbox');

describe('an event that is handed over', () => {
  // looks of its own are put off, so that only what is handed over is sent
  const neverByItself = { maxPauseMs: 3_600_000 };

  it('is sent from memory, and stored once with how it ended', async () => {
    const sender = startSender(neverByItself);
    const held = await Promise.all(Array.from({ length: 40 }, endTurn));
    for (const { event, told } of held) sender.hold(event, told);
    await expect.poll(() => receiver.received.length).toBe(40);
    expect(new Set(receiver.received.map(({ body }) => body.data.id))).toEqual(
      new Set(held.map(({ event }) => event.subjectId)),
    );
    await expect.poll(outbox).toEqual([]);
    const all = await deliveries();
    expect(all).toHaveLength(40);
    for (const delivery of all) {
      expect(delivery).toMatchObject({
        status: 'delivered',
        attempts: 1,
        nextAttemptAt: null,
        endedAt: now,
        lastAttempt: { responseStatus: 204, error: null, durationMs: expect.any(Number) },
      });
    }
  });

  it('is sent by another process where this one dies between the commit and the sending', async () => {
    const { event } = await endTurn();
    const survivor = startSender();
    await expect.poll(() => survivor.holdsMs).toBe(10_000);
    await moveTo(event.heldUntil - 1);
    survivor.wake();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(receiver.received).toEqual([]);
    await moveTo(event.heldUntil);
    survivor.wake();
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(receiver.received[0]?.headers['webhook-id']).toBe(event.id);
    await expect.poll(async () => (await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  it('is sent again under its id where this one dies between the answer and its note', async () => {
    const { event, told } = await endTurn();
    const deaf = { ...store.events, settle: () => new Promise<void>(() => {}) };
    const dying = startSender({ ...neverByItself, events: deaf });
    dying.hold(event, told);
    await expect.poll(() => receiver.received.length).toBe(1);
    await moveTo(event.heldUntil);
    startSender();
    await expect.poll(() => receiver.received.length).toBe(2);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.id]));
    await expect.poll(async () => (await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(await outbox()).toEqual([]);
  });

  it('goes to the next process at once where this one stops before it has begun', async () => {
    const stopping = startSender(neverByItself);
    const { event, told } = await endTurn();
    stopping.hold(event, told);
    await stopping.stop(1_000);
    expect(receiver.received).toEqual([]);
    expect(await outbox()).toEqual([{ id: event.id, available_at: now }]);
    expect(stopping.holdsMs).toBe(0);
    startSender();
    await expect.poll(() => receiver.received.length).toBe(1);
  });

  it('is awaited where this one stops while it is sent, and what waits for a place goes to the next', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    receiver.use(() => held.then(() => ({ status: 204 })));
    const stopping = startSender(neverByItself);
    const events = await Promise.all(Array.from({ length: 20 }, endTurn));
    for (const { event, told } of events) stopping.hold(event, told);
    await expect.poll(() => receiver.received.length).toBe(16);
    const stopped = stopping.stop(5_000);
    release();
    await stopped;
    expect(await outbox()).toEqual([]);
    const statuses = (await deliveries()).map(({ status, attempts }) => `${status} ${attempts}`);
    expect(statuses.toSorted()).toEqual([...Array(16).fill('delivered 1'), ...Array(4).fill('pending 0')]);
    startSender();
    await expect.poll(() => receiver.received.length).toBe(20);
  });

  it('is not told where it was deleted since, and that is noted', async () => {
    const sender = startSender(neverByItself);
    const { event, told } = await endTurn();
    await store.transact((writers) => writers.conversations.markDeleted(workspaceId, told.conversationId, now));
    sender.hold(event, told);
    await expect
      .poll(async () => (await deliveries())[0])
      .toMatchObject({ status: 'dropped', lastAttempt: { error: 'subject_deleted' } });
    expect(receiver.received).toEqual([]);
  });

  it('of a type that is not known here is left to a newer server, and after a day to nobody', async () => {
    await store.transact((writers) =>
      writers.outbox.append({ workspaceId, type: 'moon.landed' as never, subjectId: 'moon', at: now }),
    );
    const sender = startSender({ maxPauseMs: 20 });
    const takenBy = async (leaseMs: number) =>
      (await store.events.take({ leaseMs, limit: 10 })).map(({ type }) => type);
    // it is held for as long as a lease lasts, and given to whoever comes then
    await expect.poll(() => takenBy(1_000)).toEqual([]);
    await moveTo(now + 11_000);
    await sender.stop(1_000);
    await moveTo(now + 11_000);
    expect(await takenBy(1_000)).toEqual(['moon.landed']);
    await moveTo(now + 25 * 60 * 60_000);
    startSender({ maxPauseMs: 20 });
    await expect.poll(async () => (await store.readers.webhookDeliveries.nextDue()).eventInMs).toBeNull();
    expect(await deliveries()).toEqual([]);
  });

  it('follows the schedule of all others where it fails', async () => {
    receiver.use(() => ({ status: 500 }));
    const sender = startSender();
    const { event, told } = await endTurn();
    sender.hold(event, told);
    const delivery = await attempted(1);
    expect(delivery).toMatchObject({ status: 'pending', eventId: event.id, lastAttempt: { responseStatus: 500 } });
    expect(delivery.nextAttemptAt! - now).toBe(retryPausesMs[0]);
    receiver.use(() => ({ status: 204 }));
    await moveTo(delivery.nextAttemptAt!);
    sender.wake();
    await expect.poll(async () => (await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('shows as pending while an endpoint keeps it waiting, and is noted when that has answered', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    receiver.use(() => held.then(() => ({ status: 204 })));
    const sender = startSender(neverByItself);
    const { event, told } = await endTurn();
    sender.hold(event, told);
    await expect.poll(async () => (await deliveries())[0]).toMatchObject({ status: 'pending', attempts: 1 });
    expect(await outbox()).toEqual([]);
    release();
    await expect.poll(async () => (await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(receiver.received).toHaveLength(1);
  });

  it('goes behind what waits for its endpoint already', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    receiver.use(() => held.then(() => ({ status: 204 })));
    const sender = startSender(neverByItself);
    const first = await Promise.all(Array.from({ length: 18 }, endTurn));
    for (const { event, told } of first) sender.hold(event, told);
    await expect.poll(async () => (await deliveries()).length).toBe(18);
    const { event, told } = await endTurn();
    sender.hold(event, told);
    await expect.poll(async () => (await deliveries()).length).toBe(19);
    expect((await deliveries()).filter(({ attempts }) => attempts === 0)).toHaveLength(3);
    release();
    await expect.poll(() => receiver.received.length).toBe(19);
    await expect.poll(async () => (await deliveries()).every(({ status }) => status === 'delivered')).toBe(true);
  });
});

describe('two senders', () => {
  it('send each event once, however many endpoints want it', async () => {
    const others = Array.from({ length: 4 }, () => newId('hook'));
    await store.transact(async (writers) => {
      for (const [at, id] of others.entries()) await addEndpoint(writers, id, `/${at}`);
    });
    const pair = [startSender(), startSender()];
    const ids = await Promise.all(Array.from({ length: 30 }, happen));
    for (const sender of pair) sender.wake();
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(150);
    // what was told leaves the outbox a moment later
    await expect.poll(() => database.query('select id from outbox')).toEqual([]);
    for (const id of [endpointId, ...others]) {
      expect(await deliveries(id)).toHaveLength(30);
      await expect.poll(async () => (await deliveries(id)).every(({ status }) => status === 'delivered')).toBe(true);
    }
    const pairs = receiver.received.map(({ path, body }) => `${path} ${body.data.id}`);
    expect(new Set(pairs).size).toBe(150);
    expect(new Set(receiver.received.map(({ body }) => body.data.id))).toEqual(new Set(ids));
  });

  it('leave to each other what one of them died over, with the attempt counted', async () => {
    await happen();
    await putOff();
    const [claimed] = await claim();
    await moveTo(now + 19_999);
    expect(await claim()).toEqual([]);
    await moveTo(now + 1);
    startSender();
    await expect.poll(async () => (await deliveries())[0]).toMatchObject({ status: 'delivered', attempts: 2 });
    // whoever was thought dead writes nothing
    const late = await store.transact((writers) =>
      writers.webhookDeliveries.finish(claimed!, {
        status: 'failed',
        nextAttemptAt: null,
        at: now,
        responseStatus: null,
        durationMs: null,
        error: 'timeout',
      }),
    );
    expect(late).toBe(false);
    expect((await deliveries())[0]?.status).toBe('delivered');
  });
});

describe('what waits', () => {
  // looks of its own are put off, so that only ends and wake-ups lead to one
  const neverByItself = { maxPauseMs: 3_600_000 };

  it('is sent once there is room again, although it came while there was none', async () => {
    const others = Array.from({ length: 15 }, () => newId('hook'));
    await store.transact(async (writers) => {
      for (const [at, id] of others.entries()) await addEndpoint(writers, id, `/${at}`);
    });
    // 16 endpoints with 16 attempts each are as many as there may be at once
    for (let count = 0; count < 16; count += 1) await happen();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    receiver.use(() => held.then(() => ({ status: 204 })));
    const sender = startSender(neverByItself);
    const claimed = async () => database.query('select count(*) as count from webhook_deliveries where attempts = 1');
    await expect.poll(async () => Number((await claimed())[0]?.['count'])).toBe(256);
    await happen();
    sender.wake();
    const events = async () => database.query('select count(*) as count from outbox');
    await expect.poll(async () => Number((await events())[0]?.['count'])).toBe(0);
    release();
    await expect.poll(() => receiver.received.length).toBe(17 * 16);
  });

  it('is sent and stored in full where it is far more than one look may take', async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, happen));
    startSender(neverByItself);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(250);
    expect(new Set(receiver.received.map(({ body }) => body.data.id))).toEqual(new Set(ids));
    const stored = async () =>
      database.query("select count(*) as count from webhook_deliveries where status = 'delivered' and attempts = 1");
    await expect.poll(async () => Number((await stored())[0]?.['count']), { timeout: 20_000 }).toBe(250);
  });

  it('beyond its limit for an endpoint is dropped and noted', async () => {
    for (let count = 0; count < 5; count += 1) await happen();
    await putOff(3);
    const all = await deliveries();
    expect(all.map(({ status }) => status).toSorted()).toEqual(['dropped', 'dropped', 'pending', 'pending', 'pending']);
    expect(all.find(({ status }) => status === 'dropped')).toMatchObject({ lastAttempt: { error: 'queue_full' } });
  });

  it('of one endpoint does not hide what waits for another', async () => {
    const other = newId('hook');
    for (let count = 0; count < 30; count += 1) await happen();
    await putOff(100);
    await store.transact((writers) => addEndpoint(writers, other, '/other'));
    await happen();
    await moveTo(now + 1_000);
    await putOff(100);
    const first = await claim();
    expect(first.map((delivery) => delivery.endpointId).toSorted()).toEqual(
      [endpointId, endpointId, endpointId, endpointId, other].toSorted(),
    );
    expect(await claim([[endpointId, 4]])).toEqual([]);
    expect(await claim([[endpointId, 3]])).toHaveLength(1);
  });

  it('and has ended is removed after its time, and what still waits is not', async () => {
    await happen();
    const sender = startSender();
    sender.wake();
    await expect.poll(async () => (await deliveries())[0]?.status).toBe('delivered');
    await sender.stop(1_000);
    await happen();
    await putOff(10);
    const removed = await store.transact((writers) => writers.webhookDeliveries.removeEnded(now + 1, 100));
    expect(removed).toBe(1);
    expect((await deliveries()).map(({ status }) => status)).toEqual(['pending']);
    expect(await store.transact((writers) => writers.webhookDeliveries.purge(workspaceId, endpointId, 100))).toBe(1);
    expect(await deliveries()).toEqual([]);
  });
});
