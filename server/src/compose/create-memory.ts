import type { BotCache } from '../core/bot/bot-cache.ts';
import type { MemoryStep } from '../core/memory/conversation-memory.ts';
import { MovedConversations } from '../core/memory/moved-conversations.ts';
import type { RememberParts } from '../core/memory/remember-conversation.ts';
import { packConversation } from '../core/recall/pack-conversation.ts';
import type { Transact } from '../core/store.ts';
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
        for (const { workspaceId, conversationId } of places) {
          const dedupeKey = `remember-conversation:${conversationId}`;
          await jobs.enqueue({ workspaceId, kind: 'remember-conversation', payload: { conversationId }, dedupeKey });
        }
      }),
    countWaiting: (limit) => store.jobs.countWaiting('remember-conversation', limit),
    clock: systemClock,
    onError: (error) => logger.error({ err: error }, 'what is to be remembered could not be noted'),
    quietMs: overrides.memoryQuietMs,
  });

/** What the job `remember-conversation` is run with. */
export const rememberParts = (
  { store }: Environment,
  parts: { bots: BotCache; turns: Pick<Turns, 'windowOf'>; transact: Transact },
): RememberParts => {
  const steps: MemoryStep[] = [
    packConversation({ memories: store.readers.memories, transact: parts.transact, clock: systemClock }),
  ];
  return {
    conversations: store.readers.conversations,
    memories: store.readers.memories,
    transact: parts.transact,
    findBot: async (workspaceId, botId) => parts.bots.find(workspaceId, botId),
    windowOf: parts.turns.windowOf,
    steps,
    clock: systemClock,
  };
};
