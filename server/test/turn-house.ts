import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { botDefaults } from '../src/core/bot/bot-defaults.ts';
import { AwaitedReplies } from '../src/core/turn/awaited-replies.ts';
import { Breakers } from '../src/core/turn/breaker.ts';
import { createCallModel } from '../src/core/turn/call-model.ts';
import { type ChatModel, ChatModelError } from '../src/core/turn/chat-model.ts';
import { ModelCatalogue } from '../src/core/turn/model-catalogue.ts';
import { defaultModelRetryPolicy } from '../src/core/turn/model-retry.ts';
import { readPriceList } from '../src/core/turn/price-list.ts';
import type { ClaimedTurn } from '../src/core/turn/turn.ts';
import { noRelay } from '../src/core/turn/turn-relay.ts';
import { TurnRunner, type TurnRunnerParts } from '../src/core/turn/turn-runner.ts';
import type { TurnStore } from '../src/core/turn/turn-store.ts';
import { TurnSweeper } from '../src/core/turn/turn-sweeper.ts';
import { systemClock } from '../src/kit/clock.ts';
import { openStore } from '../src/store/open-store.ts';
import { acceptTurn, addWorkspace, at } from './store-suite/store-under-test.ts';
import { databaseOf } from './test-database.ts';

export const historyLimit = 10;

/** What runs turns, and looks after them, on a real store of this run's kind; the model is silent until a test lets it answer. */
export const openTurnHouse = async (lease = { owner: 'node_test', durationMs: 90 }) => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-turns-'));
  const database = await databaseOf(folder);
  const store = await openStore(database.place, { migrate: true });
  const workspaceId = await addWorkspace({ store });
  const sweepers: TurnSweeper[] = [];
  /** Ends a model's call, in their order. */
  const calls: (() => void)[] = [];
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

  return {
    store,
    database,
    workspaceId,
    lease,
    calls,
    /** A runner with its sweeper, on a store that does differently what `unlike` replaces. */
    async start(unlike: Partial<TurnStore> = {}, parts: Partial<TurnRunnerParts> = {}) {
      let looks = 0;
      const turns: TurnStore = {
        ...store.turns,
        takeOver: async (input) => {
          const taken = await store.turns.takeOver(input);
          looks += 1;
          return taken;
        },
        ...unlike,
      };
      const errors: unknown[] = [];
      const onError = (error: unknown): void => void errors.push(error);
      const told: string[] = [];
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
          waited: () => {},
          takenOver: (why) => told.push(why),
          endRefused: () => told.push('end refused'),
          modelFailed: (_turn, _model, error) => onError(error),
          broke: (_turn, error) => onError(error),
          storeFailed: (_turnId, error) => onError(error),
        },
        awaited: new AwaitedReplies({ conversations: store.readers.conversations, turns, clock: systemClock, onError }),
        relay: noRelay,
        ...parts,
      });
      const sweeper = new TurnSweeper({
        turns,
        runner,
        lease,
        historyLimit,
        onError,
        onLost: () => told.push('lease lost'),
      });
      sweepers.push(sweeper);
      await sweeper.start({ soleOwner: false });
      return { runner, errors, told, looks: () => looks };
    },
    async accept(): Promise<ClaimedTurn> {
      const accepted = await acceptTurn({ store }, workspaceId, { lease, historyLimit, at: Date.now() });
      if (accepted.kind !== 'accepted' || !accepted.claimed) throw new Error('the turn does not run');
      return accepted.claimed;
    },
    findTurn: async ({ turn }: Pick<ClaimedTurn, 'turn'>) => (await store.turns.find(workspaceId, turn.id))?.turn,
    async close(): Promise<void> {
      await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
      await store.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
};

export type TurnHouse = Awaited<ReturnType<typeof openTurnHouse>>;
