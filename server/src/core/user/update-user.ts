import type { Clock } from '../../kit/clock.ts';
import { type Principal, principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import { findUser } from './find-user.ts';
import { noteTraits, type TraitChange } from './note-traits.ts';
import type { User } from './user.ts';
import { placeOf } from './user-access.ts';
import { userHash } from './user-hash.ts';

/** Changes traits; makes the user where there is none. Throws invalid_request, insufficient_scope. */
export const updateUser = async (
  writers: Writers,
  { principal, userId, traits }: { principal: Principal; userId: string; traits: TraitChange },
  { clock }: { clock: Clock },
): Promise<User> => {
  const place = placeOf(principal, userId);
  const at = clock();
  await noteTraits(writers.users, place, { change: traits, at });
  await writers.audit.append({
    workspaceId: place.workspaceId,
    actor: principalName(principal),
    action: 'user.update',
    target: userHash(place),
    detail: {},
    at,
  });
  return findUser(writers.users, principal, userId);
};
