import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ClaimedTurn, TakenTurn } from '../src/core/turn/turn.ts';
import { acceptTurn, completed } from './store-suite/store-under-test.ts';
import { historyLimit, openTurnHouse, type TurnHouse } from './turn-house.ts';

/** A process that is too slow for its leases: every turn is still answered by one run, and charged once. */

let house: TurnHouse;
let store: TurnHouse['store'];
let workspaceId: string;
let lease: TurnHouse['lease'];
let calls: TurnHouse['calls'];

beforeEach(async () => {
  house = await openTurnHouse();
  ({ store, workspaceId, lease, calls } = house);
});
afterEach(() => house.close());

const expectChargedOnce = async (claimed: ClaimedTurn): Promise<void> => {
  await expect.poll(async () => (await house.findTurn(claimed))?.status).toBe('completed');
  const { periodStart } = claimed.turn;
  expect(await store.readers.usage.counter(workspaceId, workspaceId, periodStart)).toEqual({ used: 1, reserved: 0 });
  expect(await house.findTurn(claimed)).toMatchObject({ charged: 1, quotaOwners: claimed.turn.quotaOwners });
  expect(await house.database.query('select turn_id from quota_ledger')).toEqual([{ turn_id: claimed.turn.id }]);
};

it('a turn whose renewals come behind the end of its lease is not run again by whoever runs it', async () => {
  const { runner, errors, looks } = await house.start({
    async renew(...renewal) {
      const renewed = await store.turns.renew(...renewal);
      await setTimeout(2 * lease.durationMs);
      return renewed;
    },
  });
  const claimed = await house.accept();
  runner.start(claimed, { readAlong: true });
  const before = looks();
  await expect.poll(looks).toBeGreaterThan(before + 10);
  expect(calls).toHaveLength(1);
  calls[0]?.();
  await expectChargedOnce(claimed);
  expect((await house.findTurn(claimed))?.attempt).toBe(1);
  expect(errors).toEqual([]);
});

it('a turn whose acceptance is told of behind the end of its lease is run once', async () => {
  const { runner } = await house.start();
  const claimed = await house.accept();
  await expect.poll(() => calls.length).toBe(1);
  const live = runner.start(claimed, { readAlong: true });
  expect(live.turn).toMatchObject({ attempt: 2, fence: claimed.turn.fence + 1 });
  calls[0]?.();
  await expectChargedOnce(claimed);
  expect(calls).toHaveLength(1);
});

it('a run that was lost to another process, and came back, is broken off for the one that follows', async () => {
  // nothing is learned of the loss before the turn is here again
  const { runner, told } = await house.start({
    renew: () => Promise.resolve({ lost: [], stops: [] }),
    takeOver: async () => [],
  });
  const claimed = await house.accept();
  runner.start(claimed, { readAlong: true });
  await expect.poll(() => calls.length).toBe(1);
  const takeOver = () =>
    store.turns.takeOver({ lease, soleOwner: false, except: [], historyLimit, limit: 1, at: Date.now() });
  let taken: TakenTurn | undefined;
  await expect.poll(async () => ([taken] = await takeOver()), { timeout: 5_000 }).toHaveLength(1);
  runner.resume(taken!);
  await expect.poll(() => calls.length).toBe(2);
  // the end of the first run, which can store nothing, leaves the second where it is renewed
  await expect.poll(() => runner.live.running().map(({ turn }) => turn.fence)).toEqual([2]);
  await expect.poll(() => told).toEqual(['expired', 'end refused']);
  calls[0]?.();
  await setTimeout(50);
  expect(runner.live.running().map(({ turn }) => turn.fence)).toEqual([2]);
  calls[1]?.();
  await expectChargedOnce(claimed);
});

it('whoever reads a turn that waited here, ran elsewhere and was left there, comes back for what runs here now', async () => {
  const { runner } = await house.start();
  const elsewhere = { owner: 'node_other', durationMs: 500 };
  const first = await acceptTurn({ store }, workspaceId, { lease: elsewhere, historyLimit, at: Date.now() });
  const second = await acceptTurn({ store }, workspaceId, { lease: elsewhere, historyLimit, at: Date.now() });
  if (first.kind !== 'accepted' || second.kind !== 'accepted') throw new Error('the messages were not accepted');
  const waiting = runner.enqueue(second.turn);
  const finished = await store.turns.finish({ ...completed(first.turn), lease: elsewhere, historyLimit });
  expect(finished?.next?.turn).toMatchObject({ id: second.turn.id, status: 'running' });
  await expect.poll(() => runner.live.get(second.turn.id)?.turn.attempt, { timeout: 10_000 }).toBe(2);
  expect(waiting.log.abandoned).toBe(true);
  expect(runner.live.get(second.turn.id)?.log).not.toBe(waiting.log);
  await expect.poll(() => calls.length).toBeGreaterThan(0);
  for (const end of calls) end();
});

it('a turn whose lease is another process’s is stopped here, and the operator is told', async () => {
  const { runner, told } = await house.start({ takeOver: async () => [] });
  const elsewhere = { owner: 'node_other', durationMs: 60_000 };
  const claimed = await house.accept();
  runner.start(claimed, { readAlong: true });
  await expect.poll(() => calls.length).toBe(1);
  await store.turns.release([{ workspaceId, turnId: claimed.turn.id, fence: claimed.turn.fence }]);
  const take = { lease: elsewhere, soleOwner: false, except: [], historyLimit, limit: 1, at: Date.now() };
  await store.turns.takeOver(take);
  await expect.poll(() => told).toContain('lease lost');
  await expect.poll(() => runner.live.size).toBe(0);
});
