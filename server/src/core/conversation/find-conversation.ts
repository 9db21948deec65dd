import { mayKnowUser, mayUseBot, type Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationReader } from './conversation-store.ts';

/** A conversation of the principal's mode and bots, and of a visitor their own; not_found otherwise. */
export const findConversation = async (
  conversations: Pick<ConversationReader, 'find'>,
  principal: Principal,
  conversationId: string,
): Promise<Conversation> => {
  const conversation = await conversations.find(principal.workspaceId, conversationId);
  if (!conversation || conversation.mode !== principal.mode || !mayUseBot(principal, conversation.botId)) {
    throw notFound('conversation');
  }
  if (!mayKnowUser(principal, conversation.userId)) throw notFound('conversation');
  return conversation;
};
