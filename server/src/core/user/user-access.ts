import type { Principal } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { UserPlace } from './user.ts';

/**
 * The user as the principal names them. A user belongs to the workspace and not to one of its bots: a key that is limited
 * to some bots would see what was said to others. Throws insufficient_scope for it.
 */
export const placeOf = ({ workspaceId, mode, botIds }: Principal, userId: string): UserPlace => {
  if (botIds !== null) {
    throw new ParleyError('insufficient_scope', 'Users need a key that is not limited to some bots.');
  }
  return { workspaceId, mode, userId };
};
