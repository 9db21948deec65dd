import type { Bot } from '../bot/bot.ts';
import type { ConversationReader } from '../conversation/conversation-store.ts';
import type { Transact } from '../store.ts';
import type { Clock } from '../../kit/clock.ts';
import type { MemoryStep } from './conversation-memory.ts';
import type { MemoryReader } from './memory-store.ts';
import { ModelRefusal } from './model-refusal.ts';

export type RememberParts = {
  conversations: Pick<ConversationReader, 'find'>;
  memories: MemoryReader;
  transact: Transact;
  findBot: (workspaceId: string, botId: string) => Promise<Bot | null>;
  windowOf: (bot: Bot) => Promise<number>;
  /** In the order in which they are run. */
  steps: readonly MemoryStep[];
  clock: Clock;
};

/**
 * Brings all that is remembered of a conversation up to date. A step that fails keeps no other from being run; a
 * failure is thrown behind the last of them: ModelRefusal only where another run can help none of them.
 */
export const rememberConversation = async (
  { workspaceId, conversationId }: { workspaceId: string; conversationId: string },
  parts: RememberParts,
  signal: AbortSignal,
): Promise<void> => {
  const conversation = await parts.conversations.find(workspaceId, conversationId);
  const bot = conversation && (await parts.findBot(workspaceId, conversation.botId));
  if (!bot) return;
  const window = await parts.windowOf(bot);
  const failures: unknown[] = [];
  for (const step of parts.steps) {
    signal.throwIfAborted();
    // anew for each: the one before it may have taken minutes
    const memory = await parts.transact((writers) => writers.memories.open(workspaceId, conversationId, parts.clock()));
    if (!memory) return;
    const settledBefore = await parts.memories.settledBefore(workspaceId, conversationId);
    try {
      await step({ conversation, bot, memory, window, settledBefore }, signal);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
  }
  // what may pass is worth another run
  if (failures.length > 0) throw failures.find((failure) => !(failure instanceof ModelRefusal)) ?? failures[0];
};
