import { ParleyError } from '../error.ts';
import type { Traits, TraitValue, UserPlace } from './user.ts';
import type { UserStore } from './user-store.ts';

const maxTraits = 32;

/** A change of traits: null removes the one of that name, and what is not named stays. */
export type TraitChange = Readonly<Record<string, TraitValue | null>>;

/**
 * Lays `change` over the user's traits and makes the user where there is none; gives the traits as they are stored. Names
 * and values are the caller's to bound. Throws invalid_request where more than 32 would be kept.
 */
export const noteTraits = async (
  users: Pick<UserStore, 'find' | 'save'>,
  place: UserPlace,
  { change, at }: { change: TraitChange; at: number },
): Promise<Traits> => {
  const known = await users.find(place);
  const merged = new Map(Object.entries(known?.traits ?? {}));
  for (const [name, value] of Object.entries(change)) {
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  if (merged.size > maxTraits) {
    throw new ParleyError('invalid_request', `A user has at most ${maxTraits} traits; remove some with null.`, {
      param: 'traits',
    });
  }
  const traits = Object.fromEntries(merged);
  await users.save(place, traits, at);
  return traits;
};
