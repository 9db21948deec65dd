import type { Principal } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { User } from './user.ts';
import { placeOf } from './user-access.ts';
import type { UserReader } from './user-store.ts';

/** The users of the principal's mode whose id begins with `prefix`, newest first. Throws insufficient_scope. */
export const listUsers = (
  users: Pick<UserReader, 'list'>,
  { principal, prefix }: { principal: Principal; prefix: string | null },
  page: PageRequest,
): Promise<Page<User>> => {
  const { workspaceId, mode } = placeOf(principal, '');
  return users.list({ workspaceId, mode, prefix }, page);
};
