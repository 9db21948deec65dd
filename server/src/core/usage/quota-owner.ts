/** Kinds of nodes in the quota tree, outermost first. */
export type QuotaOwnerType = 'workspace' | 'client' | 'bot' | 'user';

const userPrefix = 'user:';

/** A user's place in the quota tree of its workspace. */
export const userOwnerId = (userId: string): string => userPrefix + userId;

/** What an owner's id stands for: the workspace or bot by that id, or the user by the caller's own name. */
export const readOwnerId = (ownerId: string): { type: 'workspace' | 'bot' | 'user'; id: string } => {
  if (ownerId.startsWith(userPrefix)) return { type: 'user', id: ownerId.slice(userPrefix.length) };
  return { type: ownerId.startsWith('bot_') ? 'bot' : 'workspace', id: ownerId };
};
