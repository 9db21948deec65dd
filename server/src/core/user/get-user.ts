import type { Principal } from '../access/principal.ts';
import type { FactReader } from '../memory/fact.ts';
import { type KnownFact, rememberedFacts } from '../memory/known-facts.ts';
import { findUser } from './find-user.ts';
import type { User, UserCounts } from './user.ts';
import type { UserReader } from './user-store.ts';

/** A user with what is remembered of their person, and how much they have said and been told. Throws not_found, insufficient_scope. */
export const getUser = async (
  { users, memories }: { users: UserReader; memories: FactReader },
  principal: Principal,
  userId: string,
): Promise<{ user: User; facts: KnownFact[]; counts: UserCounts }> => {
  const user = await findUser(users, principal, userId);
  const { workspaceId, mode, linkedUserIds } = user;
  const counts = await users.counts({ workspaceId, mode, userIds: [user.userId, ...linkedUserIds] });
  return { user, facts: await rememberedFacts(memories, user), counts };
};
