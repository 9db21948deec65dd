import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { botDefaults } from '../src/core/bot/bot-defaults.ts';
import type { Store } from '../src/core/store.ts';
import { AwaitedReplies } from '../src/core/turn/awaited-replies.ts';
import { Breakers } from '../src/core/turn/breaker.ts';
import { createCallModel } from '../src/core/turn/call-model.ts';
import { type ChatModel, ChatModelError } from '../src/core/turn/chat-model.ts';
import { ModelCatalogue } from '../src/core/turn/model-catalogue.ts';
import { defaultModelRetryPolicy } from '../src/core/turn/model-retry.ts';
import { readPriceList } from '../src/core/turn/price-list.ts';
import type { ClaimedTurn, TakenTurn } from '../src/core/turn/turn.ts';
import { noRelay } from '../src/core/turn/turn-relay.ts';
import { TurnRunner } from '../src/core/turn/turn-runner.ts';
import type { TurnStore } from '../src/core/turn/turn-store.ts';
import { TurnSweeper } from '../src/core/turn/turn-sweeper.ts';
import { systemClock } from '../src/kit/clock.ts';
import { openStore } from '../src/store/open-store.ts';
import { acceptTurn, addWorkspace, at, completed } from './store-suite/store-under-test.ts';
import { databaseOf, type TestDatabase } from './test-database.ts';

/** A process that is too slow for its leases: every turn is still answered by one run, and charged once. */

const lease = { owner: 'node_test', durationMs: 90 };
const historyLimit = 10;

let folder: string;
let database: TestDatabase;
let store: Store;
let workspaceId: string;
let sweeper: TurnSweeper;
/** Ends a model's call, in their order. */
let calls: (() => void)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-leases-'));
  database = await databaseOf(folder);
  store = await openStore(database.place, { migrate: true });
  workspaceId = await addWorkspace({ store });
  calls = [];
});
afterEach(async () => {
  await sweeper.stop();
  await store.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

/** Far away, and silent until a test lets it answer. */
const model: ChatModel = {
  contextTokens: () => null,
  reply: ({ signal }, onText) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new ChatModelError('aborted', 'aborted')));
      calls.push(() => {
        onText('Good day.');
        resolve({ finishReason: 'stop', usage: null, citations: null });
      });
    }),
  close: () => Promise.resolve(),
};

/** A runner with its sweeper, on a store that is slow in what `slow` replaces. */
const start = async (slow: Partial<TurnStore> = {}) => {
  let looks = 0;
  const turns: TurnStore = {
    ...store.turns,
    takeOver: async (input) => {
      const taken = await store.turns.takeOver(input);
      looks += 1;
      return taken;
    },
    ...slow,
  };
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const runner = new TurnRunner({
    turns,
    models: new ModelCatalogue(new Map([['test', model]])),
    callModel: createCallModel({
      breakers: new Breakers(systemClock),
      retry: defaultModelRetryPolicy,
      clock: systemClock,
      random: Math.random,
    }),
    findPassages: () => Promise.resolve({ passages: [], leftOut: [], searchedWith: [] }),
    findRecall: () => Promise.resolve([]),
    timeouts: { connectMs: 60_000, firstTokenMs: 60_000, idleMs: 60_000, totalMs: 60_000 },
    countTokens: (text) => Promise.resolve(text.length),
    prices: readPriceList({ currency: 'USD', prices: {} }, null),
    loadBot: ({ botId: id }) => {
      const config = { ...botDefaults('test/any'), name: id };
      return Promise.resolve({ id, workspaceId, version: 1, createdAt: at, updatedAt: at, config, quotas: null });
    },
    sharesOf: () => Promise.resolve([]),
    windowOf: () => Promise.resolve(historyLimit),
    historyLimit,
    lease,
    observer: {
      ended: () => {},
      modelFailed: (_turn, _model, error) => onError(error),
      broke: (_turn, error) => onError(error),
      storeFailed: (_turnId, error) => onError(error),
    },
    awaited: new AwaitedReplies({ conversations: store.readers.conversations, turns, clock: systemClock, onError }),
    relay: noRelay,
  });
  sweeper = new TurnSweeper({ turns, runner, lease, historyLimit, onError });
  await sweeper.start({ soleOwner: false });
  return { runner, errors, looks: () => looks };
};

const accept = async (): Promise<ClaimedTurn> => {
  const accepted = await acceptTurn({ store }, workspaceId, { lease, historyLimit, at: Date.now() });
  if (accepted.kind !== 'accepted' || !accepted.claimed) throw new Error('the turn does not run');
  return accepted.claimed;
};

const findTurn = async ({ turn }: ClaimedTurn) => (await store.turns.find(workspaceId, turn.id))?.turn;

const expectChargedOnce = async (claimed: ClaimedTurn): Promise<void> => {
  await expect.poll(async () => (await findTurn(claimed))?.status).toBe('completed');
  const { periodStart } = claimed.turn;
  expect(await store.readers.usage.counter(workspaceId, workspaceId, periodStart)).toEqual({ used: 1, reserved: 0 });
  expect(await findTurn(claimed)).toMatchObject({ charged: 1, quotaOwners: claimed.turn.quotaOwners });
  expect(await database.query('select turn_id from quota_ledger')).toEqual([{ turn_id: claimed.turn.id }]);
};

it('a turn whose renewals come behind the end of its lease is not run again by whoever runs it', async () => {
  const { runner, errors, looks } = await start({
    async renew(...renewal) {
      const renewed = await store.turns.renew(...renewal);
      await setTimeout(2 * lease.durationMs);
      return renewed;
    },
  });
  const claimed = await accept();
  runner.start(claimed, { readAlong: true });
  const before = looks();
  await expect.poll(looks).toBeGreaterThan(before + 10);
  expect(calls).toHaveLength(1);
  calls[0]?.();
  await expectChargedOnce(claimed);
  expect((await findTurn(claimed))?.attempt).toBe(1);
  expect(errors).toEqual([]);
});

it('a turn whose acceptance is told of behind the end of its lease is run once', async () => {
  const { runner } = await start();
  const claimed = await accept();
  await expect.poll(() => calls.length).toBe(1);
  const live = runner.start(claimed, { readAlong: true });
  expect(live.turn).toMatchObject({ attempt: 2, fence: claimed.turn.fence + 1 });
  calls[0]?.();
  await expectChargedOnce(claimed);
  expect(calls).toHaveLength(1);
});

it('a run that was lost to another process, and came back, is broken off for the one that follows', async () => {
  // nothing is learned of the loss before the turn is here again
  const { runner } = await start({ renew: () => Promise.resolve({ lost: [], stops: [] }), takeOver: async () => [] });
  const claimed = await accept();
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
  calls[0]?.();
  await setTimeout(50);
  expect(runner.live.running().map(({ turn }) => turn.fence)).toEqual([2]);
  calls[1]?.();
  await expectChargedOnce(claimed);
});

it('whoever reads a turn that waited here, ran elsewhere and was left there, comes back for what runs here now', async () => {
  const { runner } = await start();
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
