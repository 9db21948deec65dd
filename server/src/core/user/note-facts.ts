import { newId } from '../../kit/id.ts';
import { ParleyError } from '../error.ts';
import { type FactChange, setFacts } from '../memory/change-facts.ts';
import { factKey, maxFacts } from '../memory/fact.ts';
import type { Writers } from '../store.ts';
import type { UserPlace } from './user.ts';

/**
 * Sets and removes facts of a user that is known. What is replaced or removed goes from all user ids of the person; what is
 * set is kept under this one. Throws invalid_request for a name without a letter or digit, for two that are the same, and
 * where more than 64 would be set.
 */
export const noteFacts = async (
  { memories }: Pick<Writers, 'memories'>,
  place: UserPlace,
  { change, at }: { change: FactChange; at: number },
): Promise<void> => {
  const names = Object.keys(change);
  if (names.length === 0) return;
  const nameless = names.find((name) => factKey(name) === '');
  if (nameless !== undefined) {
    throw new ParleyError('invalid_request', 'The name of a fact needs a letter or a digit.', { param: 'facts' });
  }
  const same = findSameNames(names);
  if (same) {
    const detail = `\`${same.join('` and `')}\` are one name: those of facts are compared without case and punctuation. Send one of them.`;
    throw new ParleyError('invalid_request', detail, { param: 'facts' });
  }
  const person = await memories.findKnown(place);
  // in the order of their ids, as by everybody who takes the rows of several users
  for (const { userId, remembered } of person.toSorted((one, other) => (one.userId < other.userId ? -1 : 1))) {
    const changed = setFacts(remembered, change, { at, newId: () => newId('fact'), own: userId === place.userId });
    if (changed.facts.filter(({ origin }) => origin === 'set').length > maxFacts) {
      throw new ParleyError(
        'invalid_request',
        `A user has at most ${maxFacts} facts that are set; remove some with null.`,
        {
          param: 'facts',
        },
      );
    }
    await memories.saveFacts({ ...place, userId }, changed);
  }
};

/** The first two names of which one would be lost. */
const findSameNames = (names: readonly string[]): [string, string] | null => {
  const byKey = new Map<string, string>();
  for (const name of names) {
    const other = byKey.get(factKey(name));
    if (other !== undefined) return [other, name];
    byKey.set(factKey(name), name);
  }
  return null;
};
