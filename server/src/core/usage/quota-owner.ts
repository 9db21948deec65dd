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

/**
 * What a turn's missing reservation means. The counter is made with the first message that it counts, and a user's is taken
 * away by nothing but their erasure, which ends the turns that hold a reservation of it. So where a user's counter is gone,
 * or is one of somebody who came back and holds no reservation, the turn is one of before: there is nothing to charge, and
 * no row may tell of it. All others last as long as what counts on them: there a charge is made without a reservation,
 * since what was answered must be charged, and the ledger is what the counter says.
 */
export const isErasedWithUser = (ownerId: string): boolean => readOwnerId(ownerId).type === 'user';
