import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../src/core/store.ts';
import { openStore } from '../src/store/open-store.ts';
import { acceptTurn, addWorkspace, at } from './store-suite/store-under-test.ts';
import { databaseOf, type TestDatabase } from './test-database.ts';

/** The row of a turn that ended with its conversation says what the ledger and the counters say. */

let folder: string;
let database: TestDatabase;
let store: Store;
let workspaceId: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-charge-'));
  database = await databaseOf(folder);
  store = await openStore(database.place, { migrate: true });
  workspaceId = await addWorkspace({ store });
});
afterEach(async () => {
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

it.each([
  { title: 'text that was stored is charged', text: 'Half', mode: 'live' as const, charged: 1 },
  { title: 'no text was stored', text: null, mode: 'live' as const, charged: 0 },
  { title: 'test mode charges nobody', text: 'Half', mode: 'test' as const, charged: 0 },
])('$title', async ({ text, mode, charged }) => {
  const inTestMode = { periodStart: 0, periodEnd: 1, shares: [] };
  const change = mode === 'test' ? { mode, quota: inTestMode } : { mode };
  const { turn } = await acceptTurn({ store }, workspaceId, change);
  if (text !== null) {
    const place = { workspaceId, turnId: turn.id, fence: turn.fence };
    await store.turns.keepPartial({ ...place, text, receipt: null, lease: { owner: 'node_test', durationMs: 1 }, at });
  }
  await store.transact(({ conversations }) => conversations.markDeleted(workspaceId, turn.conversationId, at));
  expect(await database.query(`select status, charged from turns where id = '${turn.id}'`)).toEqual([
    { status: 'cancelled', charged: expect.toSatisfy((value) => Number(value) === charged) },
  ]);
  expect(await database.query('select * from quota_ledger')).toHaveLength(charged);
  const counter = await store.readers.usage.counter(workspaceId, workspaceId, turn.periodStart);
  expect(counter).toEqual({ used: charged, reserved: 0 });
  const purge = () =>
    store.transact(({ conversations }) => conversations.purge(workspaceId, turn.conversationId, 1_000));
  expect(await store.turns.findCharge(turn)).toBe(charged);
  // whoever read the turn before its message was reserved knows of no owners
  expect(await store.turns.findCharge({ ...turn, quotaOwners: [] })).toBe(charged);
  // the ledger still says it when the turn's row is gone
  while (!(await purge())) continue;
  expect(await store.turns.findCharge(turn)).toBe(charged);
});
