import type { Principal } from '../access/principal.ts';
import type { Page } from '../page.ts';
import type { Conversation, Message } from './conversation.ts';
import type { ConversationReader } from './conversation-store.ts';
import { findConversation } from './find-conversation.ts';

/** A conversation with the latest of its messages, newest first. Throws not_found. */
export const getConversation = async (
  conversations: ConversationReader,
  request: { principal: Principal; conversationId: string; latestMessages: number },
): Promise<{ conversation: Conversation; messages: Page<Message> }> => {
  const conversation = await findConversation(conversations, request.principal, request.conversationId);
  const page = { limit: request.latestMessages, after: null, before: null };
  const messages = await conversations.listMessages(conversation.workspaceId, conversation.id, page);
  return { conversation, messages };
};
