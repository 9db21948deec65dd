import type { Clock } from '../../kit/clock.ts';
import { type Principal, principalName } from '../access/principal.ts';
import { notFound, ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { findUser } from './find-user.ts';
import { groupByLinks } from './person.ts';
import { maxLinkedUsers, type User } from './user.ts';
import { userHash } from './user-hash.ts';

type LinkRequest = { principal: Principal; userId: string; otherId: string };

/**
 * Makes one person of two users, together with whoever they are linked to already: one history, and one current
 * conversation with each bot. Throws not_found, and invalid_request for a user and themselves or for too many of them.
 */
export const linkUsers = async (
  writers: Writers,
  { principal, userId, otherId }: LinkRequest,
  { clock }: { clock: Clock },
): Promise<User> => {
  if (userId === otherId) {
    throw new ParleyError('invalid_request', 'A user cannot be linked to themselves.', { param: 'user_id' });
  }
  const user = await findUser(writers.users, principal, userId);
  const other = await findUser(writers.users, principal, otherId);
  const person = [...new Set([userId, ...user.linkedUserIds, otherId, ...other.linkedUserIds])];
  if (person.length > maxLinkedUsers) {
    throw new ParleyError('invalid_request', `A person has at most ${maxLinkedUsers} user ids.`, { param: 'user_id' });
  }
  const at = clock();
  await writers.users.addLink(user, otherId, at);
  if (user.personId !== other.personId) await writers.users.regroup(user, [person]);
  await noteLink(writers, 'user.link', { principal, user, otherId, at });
  return findUser(writers.users, principal, userId);
};

/**
 * Takes a link back: each is again one person with those they are still linked to, and has the conversations that were
 * begun under their ids. Throws not_found where the two were not linked to each other.
 */
export const unlinkUsers = async (
  writers: Writers,
  { principal, userId, otherId }: LinkRequest,
  { clock }: { clock: Clock },
): Promise<User> => {
  const user = await findUser(writers.users, principal, userId);
  if (!(await writers.users.removeLink(user, otherId))) throw notFound('link between these users');
  const { workspaceId, mode } = user;
  const userIds = [userId, ...user.linkedUserIds];
  const groups = groupByLinks(userIds, await writers.users.links({ workspaceId, mode, userIds }));
  if (groups.length > 1) await writers.users.regroup(user, groups);
  await noteLink(writers, 'user.unlink', { principal, user, otherId, at: clock() });
  return findUser(writers.users, principal, userId);
};

const noteLink = (
  writers: Writers,
  action: 'user.link' | 'user.unlink',
  { principal, user, otherId, at }: { principal: Principal; user: User; otherId: string; at: number },
): Promise<void> =>
  writers.audit.append({
    workspaceId: user.workspaceId,
    actor: principalName(principal),
    action,
    target: userHash(user),
    detail: { other: userHash({ ...user, userId: otherId }) },
    at,
  });
