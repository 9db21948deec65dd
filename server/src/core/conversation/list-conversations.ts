import type { Principal } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationFilter, ConversationReader } from './conversation-store.ts';

/**
 * The conversations of the principal's mode and bots that match, newest first. With `query`, the store looks through the
 * newest ones alone. Throws overloaded where a search takes too long.
 */
export const listConversations = (
  conversations: Pick<ConversationReader, 'list'>,
  { principal, ...filter }: Omit<ConversationFilter, 'mode' | 'botIds'> & { principal: Principal },
  page: PageRequest,
): Promise<Page<Conversation>> =>
  conversations.list(
    principal.workspaceId,
    { ...filter, mode: principal.mode, botIds: principal.botIds === null ? null : [...principal.botIds] },
    page,
  );
