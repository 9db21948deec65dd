import type { Principal } from '../access/principal.ts';
import { findUser } from './find-user.ts';
import type { User, UserCounts } from './user.ts';
import type { UserReader } from './user-store.ts';

/** A user with what their person has said and been told. Throws not_found, insufficient_scope. */
export const getUser = async (
  users: UserReader,
  principal: Principal,
  userId: string,
): Promise<{ user: User; counts: UserCounts }> => {
  const user = await findUser(users, principal, userId);
  const { workspaceId, mode, linkedUserIds } = user;
  return { user, counts: await users.counts({ workspaceId, mode, userIds: [user.userId, ...linkedUserIds] }) };
};
