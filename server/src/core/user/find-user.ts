import type { Principal } from '../access/principal.ts';
import { notFound } from '../error.ts';
import type { User } from './user.ts';
import { placeOf } from './user-access.ts';
import type { UserReader } from './user-store.ts';

/** A user of the principal's mode. Throws not_found, insufficient_scope. */
export const findUser = async (
  users: Pick<UserReader, 'find'>,
  principal: Principal,
  userId: string,
): Promise<User> => {
  const user = await users.find(placeOf(principal, userId));
  if (!user) throw notFound('user');
  return user;
};
