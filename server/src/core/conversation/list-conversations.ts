import type { Principal } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { UserReader } from '../user/user-store.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationFilter, ConversationReader } from './conversation-store.ts';

type ListRequest = Omit<ConversationFilter, 'mode' | 'botIds' | 'userIds'> & { principal: Principal };

/**
 * The conversations of the principal's mode and bots that match, newest first; a visitor's are their own. A user's are those
 * of all users they are linked to. With `query`, the store looks through the newest ones alone. Throws overloaded where a
 * search takes too long.
 */
export const listConversations = async (
  readers: { conversations: Pick<ConversationReader, 'list'>; users: Pick<UserReader, 'find'> },
  { principal, userId, ...filter }: ListRequest,
  page: PageRequest,
): Promise<Page<Conversation>> =>
  readers.conversations.list(
    principal.workspaceId,
    {
      ...filter,
      ...(await personFilter(readers.users, principal, userId)),
      mode: principal.mode,
      botIds: principal.botIds === null ? null : [...principal.botIds],
    },
    page,
  );

const personFilter = async (
  users: Pick<UserReader, 'find'>,
  principal: Principal,
  userId: string | undefined,
): Promise<Pick<ConversationFilter, 'userId' | 'userIds'>> => {
  if (principal.kind === 'visitor') return ofPerson([...principal.userIds]);
  if (userId === undefined) return {};
  const { workspaceId, mode } = principal;
  const user = await users.find({ workspaceId, mode, userId });
  return ofPerson([userId, ...(user?.linkedUserIds ?? [])]);
};

const ofPerson = (userIds: readonly string[]): Pick<ConversationFilter, 'userId' | 'userIds'> => {
  const [only] = userIds;
  return userIds.length === 1 && only !== undefined ? { userId: only } : { userIds };
};
