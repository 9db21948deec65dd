import type { Clock } from '../../kit/clock.ts';
import { type Principal, principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import type { FactChange } from '../memory/change-facts.ts';
import { type KnownFact, rememberedFacts } from '../memory/known-facts.ts';
import { findUser } from './find-user.ts';
import { noteFacts } from './note-facts.ts';
import { noteTraits, type TraitChange } from './note-traits.ts';
import type { User } from './user.ts';
import { placeOf } from './user-access.ts';
import { userHash } from './user-hash.ts';

/** Changes traits and facts; makes the user where there is none. Throws invalid_request, insufficient_scope. */
export const updateUser = async (
  writers: Writers,
  {
    principal,
    userId,
    traits,
    facts,
  }: { principal: Principal; userId: string; traits: TraitChange; facts: FactChange },
  { clock }: { clock: Clock },
): Promise<{ user: User; facts: KnownFact[] }> => {
  const place = placeOf(principal, userId);
  const at = clock();
  // facts may take the rows of a whole person, which has an order; there is none for a user who is yet to be made
  const isKnown = (await writers.users.find(place)) !== null;
  if (isKnown) await noteFacts(writers, place, { change: facts, at });
  await noteTraits(writers.users, place, { change: traits, at });
  if (!isKnown) await noteFacts(writers, place, { change: facts, at });
  await writers.audit.append({
    workspaceId: place.workspaceId,
    actor: principalName(principal),
    action: 'user.update',
    target: userHash(place),
    detail: {},
    at,
  });
  const user = await findUser(writers.users, principal, userId);
  return { user, facts: await rememberedFacts(writers.memories, user) };
};
