import type { BotCache } from '../core/bot/bot-cache.ts';
import { createMemoryModels } from '../core/memory/memory-models.ts';
import { MovedConversations } from '../core/memory/moved-conversations.ts';
import { rememberFacts } from '../core/memory/remember-facts.ts';
import { rememberJobs } from '../core/memory/remember-job.ts';
import { rememberSummary } from '../core/memory/remember-summary.ts';
import type { OnPassedOver } from '../core/memory/read-in-batches.ts';
import type { RememberParts } from '../core/memory/remember-conversation.ts';
import { packConversation } from '../core/recall/pack-conversation.ts';
import type { Transact } from '../core/store.ts';
import type { ModelCatalogue } from '../core/turn/model-catalogue.ts';
import { systemClock } from '../kit/clock.ts';
import type { Environment } from './environment.ts';
import type { Turns } from './create-turns.ts';

/** Conversations that have moved on; jobs are added by way of the worker's own `transact`, which wakes it. */
export const createMovedConversations = (
  { logger, store, overrides }: Environment,
  transact: () => Transact,
): MovedConversations =>
  new MovedConversations({
    enqueue: (places) =>
      transact()(async ({ jobs }) => {
        for (const job of rememberJobs(places)) await jobs.enqueue(job);
      }),
    countWaiting: (limit) => store.jobs.countWaiting('remember-conversation', limit),
    clock: systemClock,
    onError: (error) => logger.error({ err: error }, 'what is to be remembered could not be noted'),
    quietMs: overrides.memoryQuietMs,
  });

/** What the job `remember-conversation` is run with. */
export const rememberParts = (
  { logger, store, config }: Environment,
  parts: { bots: BotCache; models: ModelCatalogue; turns: Turns; transact: Transact },
): RememberParts => {
  const { turns, transact } = parts;
  const { memories } = store.readers;
  const models = createMemoryModels({
    models: parts.models,
    callModel: turns.callModel,
    noteUsage: turns.noteUsage,
    timeouts: config.modelTimeouts,
    countTokens: (text) => turns.tokenCounter.count(text),
    transact,
    clock: systemClock,
  });
  const onPassedOver: OnPassedOver = (message) =>
    logger.warn(message, 'a message is not remembered, since the models refuse it');
  const given = { memories, transact, models, clock: systemClock, onPassedOver };
  return {
    conversations: store.readers.conversations,
    memories,
    transact,
    findBot: async (workspaceId, botId) => parts.bots.find(workspaceId, botId),
    windowOf: turns.windowOf,
    // what waits for a model comes last
    steps: [packConversation(given), rememberFacts(given), rememberSummary(given)],
    clock: systemClock,
  };
};
