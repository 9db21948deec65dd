import type { Principal } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Message } from './conversation.ts';
import type { ConversationReader } from './conversation-store.ts';
import { findConversation } from './find-conversation.ts';

/** The messages of a conversation, newest first. Throws not_found. */
export const listMessages = async (
  conversations: ConversationReader,
  { principal, conversationId }: { principal: Principal; conversationId: string },
  page: PageRequest,
): Promise<Page<Message>> => {
  const { workspaceId, id } = await findConversation(conversations, principal, conversationId);
  return conversations.listMessages(workspaceId, id, page);
};
