import type { Bot } from '../bot/bot.ts';
import { mayHoldFacts } from '../memory/extract-facts.ts';
import type { MovedConversation } from '../memory/moved-conversations.ts';
import type { ClaimedTurn, TurnMessage } from './turn.ts';

/**
 * What a turn means for what is remembered of its conversation: it adds its messages and a reply to the history it was
 * given. `window`: messages of history the bot may see.
 */
export const movedBy = ({ turn, history, messages }: ClaimedTurn, bot: Bot, window: number): MovedConversation => ({
  workspaceId: turn.workspaceId,
  conversationId: turn.conversationId,
  hasFacts: turn.userId !== null && bot.config.memory.facts && mayTellFacts(bot, messages),
  isFull: history.length + messages.length + 1 > window,
});

/** Without a model only what is said in so many words is found, and most messages say nothing so. */
const mayTellFacts = ({ config }: Bot, messages: readonly TurnMessage[]): boolean =>
  [config.model, ...config.fallbackModels].some((model) => model !== 'builtin') ||
  messages.some(({ text }) => mayHoldFacts(text));
