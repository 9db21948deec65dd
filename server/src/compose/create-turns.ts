import { builtinPrices } from '../config/builtin-prices.ts';
import type { BotCache } from '../core/bot/bot-cache.ts';
import type { Bot } from '../core/bot/bot.ts';
import type { LookForReplies } from '../core/conversation/answer-conversation.ts';
import type { EndTurns } from '../core/conversation/delete-conversation.ts';
import type { MovedConversation } from '../core/memory/moved-conversations.ts';
import { RecallIndexes } from '../core/recall/recall-indexes.ts';
import { findTurnRecall } from '../core/turn/find-turn-recall.ts';
import { AwaitedReplies } from '../core/turn/awaited-replies.ts';
import { createReplicaRelay } from '../bus/replica-relay.ts';
import { Breakers } from '../core/turn/breaker.ts';
import { createCallModel } from '../core/turn/call-model.ts';
import type { TurnPassages } from '../core/turn/find-turn-passages.ts';
import type { ModelCatalogue } from '../core/turn/model-catalogue.ts';
import { defaultModelRetryPolicy } from '../core/turn/model-retry.ts';
import { readPriceList } from '../core/turn/price-list.ts';
import type { TurnObserver } from '../core/turn/turn-observer.ts';
import { noRelay } from '../core/turn/turn-relay.ts';
import { TurnRunner } from '../core/turn/turn-runner.ts';
import { TurnSweeper } from '../core/turn/turn-sweeper.ts';
import type { PlanCatalogue } from '../core/usage/plan-catalogue.ts';
import { quotaSharesOf } from '../core/usage/quota-shares.ts';
import type { WorkspaceTermsCache } from '../core/usage/workspace-terms.ts';
import type { Metrics } from '../http/metrics.ts';
import { systemClock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import { createTokenCounter } from '../kit/token-counter.ts';
import type { Environment } from './environment.ts';
import { failingModelCalls } from './failing-calls.ts';
import { measureModels } from './measure-models.ts';
import { measureTurns } from './measure-turns.ts';
import type { Replicas } from './open-replicas.ts';

export type TurnParts = {
  replicas: Replicas;
  models: ModelCatalogue;
  plans: PlanCatalogue;
  terms: WorkspaceTermsCache;
  metrics: Metrics;
  bots: BotCache;
  passages: TurnPassages;
};

/** Turn ids that fit into one notice of PostgreSQL, with much to spare. */
const idsOfNotice = 100;

export type Turns = ReturnType<typeof createTurns>;

/** What runs turns in this process, under a name of its own, and takes up those that another one has left. */
export const createTurns = (
  { config, logger, store, failpoint }: Environment,
  parts: TurnParts,
  onMoved: (moved: MovedConversation) => void,
) => {
  const clock = systemClock;
  const { bus } = parts.replicas;
  const lease = { owner: bus.replica, durationMs: config.turns.leaseMs };
  const windowOf = async (bot: Bot): Promise<number> => {
    const memoryMessages = (await parts.terms.find(bot.workspaceId))?.plan.memoryMessages ?? 0;
    return Math.min(memoryMessages, bot.config.memory.messages ?? memoryMessages);
  };
  const historyLimit = 1 + Math.max(...[...parts.plans.plans.values()].map((plan) => plan.memoryMessages));
  const tokenCounter = createTokenCounter();
  const relay = store.replicas
    ? createReplicaRelay({
        bus,
        turns: store.turns,
        progress: store.replicas.progress,
        own: {
          find: (turnId) => runner.live.get(turnId),
          stop: (turnId, request) => runner.stop(turnId, request),
          ended: (log, result) => runner.endElsewhere(log, result),
          abandoned: (log) => runner.abandonElsewhere(log),
        },
        onError: (error) => logger.warn({ err: error }, 'turns of other servers could not be followed'),
      })
    : { ...noRelay, counts: { followed: 0, published: 0 }, close: () => {} };
  const { metrics } = parts;
  metrics.addGauge('followed_turns', 'Turns of other servers that are read here.', () => relay.counts.followed);
  metrics.addGauge('published_turns', 'Turns of this server that are read on others.', () => relay.counts.published);
  const breakers = new Breakers(clock);
  const observer = measureModels(metrics, { operator: parts.models.providerNames, breakers });
  const { noteUsage } = observer;
  const callModel = failingModelCalls(
    createCallModel({ breakers, retry: defaultModelRetryPolicy, clock, random: Math.random, observer }),
    failpoint,
  );
  const measures = measureTurns(metrics);
  const runner: TurnRunner = new TurnRunner({
    turns: store.turns,
    models: parts.models,
    callModel,
    findPassages: parts.passages.find,
    findRecall: findTurnRecall({
      recall: store.readers.recall,
      indexes: new RecallIndexes({
        recall: store.readers.recall,
        onUnpacked: (place) => onMoved({ ...place, hasFacts: false, isFull: true }),
        clock,
      }),
      clock,
    }),
    timeouts: config.modelTimeouts,
    countTokens: (text) => tokenCounter.count(text),
    prices: readPriceList(builtinPrices(), config.prices?.json ?? null),
    loadBot: async (turn) => {
      const bot = await parts.bots.find(turn.workspaceId, turn.botId);
      if (!bot || bot.version === turn.botVersion) return bot;
      return store.readers.bots.findVersion(turn.workspaceId, turn.botId, turn.botVersion);
    },
    windowOf,
    sharesOf: async ({ workspaceId, botId, userId }) => {
      const [bot, terms] = await Promise.all([parts.bots.find(workspaceId, botId), parts.terms.find(workspaceId)]);
      return bot && terms && quotaSharesOf(terms.shares, bot, userId);
    },
    historyLimit,
    lease,
    awaited: new AwaitedReplies({
      conversations: store.readers.conversations,
      turns: store.turns,
      clock,
      onError: (error) => logger.error({ err: error }, 'it cannot be seen whether somebody has replied'),
    }),
    noteUsage,
    observer: observeTurns(logger, measures),
    onMoved,
    relay,
  });
  const sweeper = new TurnSweeper({
    turns: store.turns,
    runner,
    lease,
    historyLimit,
    onError: (error) => logger.error({ err: error }, 'turns could not be looked after'),
    onLost: measures.leaseLost,
  });
  const endTurns: EndTurns = (_workspaceId, turnIds) => {
    runner.endDeleted(turnIds);
    for (let at = 0; at < turnIds.length; at += idsOfNotice) {
      bus.tell({ type: 'deleted', turnIds: turnIds.slice(at, at + idsOfNotice) });
    }
  };
  bus.on('deleted', ({ turnIds }) => runner.endDeleted(turnIds));
  const lookForReplies: LookForReplies = (conversation) => {
    runner.awaited.look(conversation);
    bus.tell({ type: 'answered', ...conversation });
  };
  bus.on('answered', (conversation) => runner.awaited.look(conversation));
  return { lease, windowOf, callModel, noteUsage, runner, relay, sweeper, tokenCounter, endTurns, lookForReplies };
};

const observeTurns = (logger: Logger, measures: Omit<TurnObserver, 'modelFailed' | 'broke'>): TurnObserver => ({
  ...measures,
  ended(turn, timingsMs) {
    measures.ended(turn, timingsMs);
    logger.debug({ turn_id: turn.id, status: turn.status, timings_ms: timingsMs }, 'turn ended');
  },
  modelFailed(turn, model, error) {
    const { kind, status } = error;
    logger.warn({ turn_id: turn.id, model, kind, status }, 'model call failed');
    // a provider's words may repeat what was asked
    logger.trace({ turn_id: turn.id, reason: error.message }, 'what the provider said');
  },
  broke: (turn, error) => logger.error({ turn_id: turn.id, err: error }, 'turn broke'),
  storeFailed(turnId, error) {
    measures.storeFailed(turnId, error);
    logger.error({ turn_id: turnId, err: error }, 'the store could not serve a turn yet');
  },
});
