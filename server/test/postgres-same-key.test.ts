import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Store } from '../src/core/store.ts';
import type { AcceptTurn } from '../src/core/turn/turn.ts';
import { periodAt } from '../src/core/usage/period.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { acceptTurn, addWorkspace, at, completed } from './store-suite/store-under-test.ts';

/**
 * One message, sent to two servers at once under one Idempotency-Key: both have looked for the key, and wait for what the
 * one that goes first takes up whole.
 */

let url: string;
let stores: readonly [Store, Store];
let holder: Client;
let onlooker: Client;
let workspaceId: string;

const period = periodAt(at);
const idempotency = { route: 'chat', key: 'k', fingerprint: 'f', expiresAt: at + 86_400_000 };

beforeAll(async () => {
  url = await createDatabase();
  const open = () => openPostgresStore({ url, poolSize: 4, migrate: false });
  stores = [await open(), await open()];
  holder = new Client({ connectionString: url });
  onlooker = new Client({ connectionString: url });
  await holder.connect();
  await onlooker.connect();
});
beforeEach(async () => {
  workspaceId = await addWorkspace({ store: stores[0] });
});
afterAll(async () => {
  await holder.end();
  await onlooker.end();
  for (const store of stores) await store.close();
  await dropDatabase(url);
});

const quotaOf = (limit: number | null): AcceptTurn['quota'] => ({
  periodStart: period.start,
  periodEnd: period.end,
  shares: [{ workspaceId, ownerId: workspaceId, limit, warnAt: null }],
});

const accept = (index: 0 | 1, change: Partial<AcceptTurn>) =>
  acceptTurn({ store: stores[index] }, workspaceId, { quota: quotaOf(null), ...change });

/** A turn that was accepted, and that has ended unless it is to run on. */
const makeTurn = async ({ runs }: { runs: boolean }) => {
  const { turn } = await accept(0, {});
  if (!runs) await stores[0].turns.finish({ ...completed(turn), charge: false });
  return turn;
};

const waiting = async (): Promise<number> => {
  const { rows } = await onlooker.query(
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
};

/** What both servers say of the message, which they get while `held` cannot be changed. */
const sendToBoth = async (held: string, change: Partial<AcceptTurn>): Promise<string[]> => {
  await holder.query('begin');
  await holder.query(held);
  const sent = Promise.allSettled([accept(0, { ...change, idempotency }), accept(1, { ...change, idempotency })]);
  await expect.poll(waiting, { interval: 5 }).toBe(2);
  await holder.query('commit');
  return (await sent)
    .map((result) => (result.status === 'fulfilled' ? result.value.kind : (result.reason as { code: string }).code))
    .toSorted();
};

const counterRow = () => `select from quota_periods where workspace_id = '${workspaceId}' for update`;
const conversationRow = (id: string) => `select from conversations where id = '${id}' for update`;

it.each([{ userId: null }, { userId: 'somebody' }])(
  'is one turn where it is the last that the quota has room for, of $userId',
  async (change) => {
    await makeTurn({ runs: false });
    expect(await sendToBoth(counterRow(), { ...change, quota: quotaOf(1) })).toEqual(['accepted', 'replayed']);
    expect(await stores[0].readers.usage.counter(workspaceId, workspaceId, period.start)).toEqual({
      used: 0,
      reserved: 1,
    });
  },
);

it('is one turn where it is the first of a period, with room for one', async () => {
  const first = `insert into quota_periods (workspace_id, owner_id, period_start, period_end, reserved, used)
    values ('${workspaceId}', '${workspaceId}', ${period.start}, ${period.end}, 0, 0)`;
  expect(await sendToBoth(first, { quota: quotaOf(1) })).toEqual(['accepted', 'replayed']);
});

it('is one turn where it takes a conversation that is to refuse others meanwhile', async () => {
  const { conversationId } = await makeTurn({ runs: false });
  const change: Partial<AcceptTurn> = { conversationId, onBusy: 'reject' };
  expect(await sendToBoth(conversationRow(conversationId), change)).toEqual(['accepted', 'replayed']);
});

it('is one turn where it is the last that may wait in its conversation, or that the quota has room for', async () => {
  const { conversationId } = await makeTurn({ runs: true });
  const held = conversationRow(conversationId);
  expect(await sendToBoth(held, { conversationId, maxQueued: 1 })).toEqual(['accepted', 'replayed']);
  const other = { ...idempotency, key: 'other' };
  const queued: Partial<AcceptTurn> = { conversationId, quota: quotaOf(3) };
  await expect(accept(0, { ...queued, maxQueued: 1 })).rejects.toMatchObject({ code: 'too_many_queued' });
  expect(await sendToBoth(held, { ...queued, principal: 'key:another' })).toEqual(['accepted', 'replayed']);
  await expect(accept(0, { ...queued, idempotency: other })).rejects.toMatchObject({ code: 'quota_exceeded' });
});

it('is refused as another request where the one that went first had another body', async () => {
  await makeTurn({ runs: false });
  await holder.query('begin');
  await holder.query(counterRow());
  const sent = Promise.allSettled(
    ([0, 1] as const).map((index) =>
      accept(index, {
        quota: quotaOf(1),
        newConversation: true,
        idempotency: { ...idempotency, fingerprint: `${index}` },
      }),
    ),
  );
  await expect.poll(waiting, { interval: 5 }).toBe(2);
  await holder.query('commit');
  const refused = (await sent).flatMap((result) => (result.status === 'rejected' ? [result.reason as object] : []));
  expect(refused).toEqual([expect.objectContaining({ code: 'idempotency_mismatch' })]);
});
