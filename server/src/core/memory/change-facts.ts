import { type Fact, factKey, maxFacts, type UserFacts } from './fact.ts';

/**
 * Lays what a user has said over what is remembered of them: newest wins; what the operator has set stays, and what they
 * have removed does not come back from a message that is older. Past the limit what was said longest ago is forgotten.
 */
export const addSaid = (known: UserFacts, said: readonly Fact[]): UserFacts => {
  const byKey = new Map(known.facts.map((fact) => [factKey(fact.name), fact]));
  const removedAt = new Map(known.removed.map(({ name, at }) => [factKey(name), at]));
  for (const fact of said) {
    const key = factKey(fact.name);
    const before = byKey.get(key);
    if (before?.origin === 'set' || (before && before.at > fact.at) || fact.at <= (removedAt.get(key) ?? 0)) continue;
    // the same again is the same fact, from the message that will be kept longer
    byKey.set(key, before?.value === fact.value ? { ...fact, id: before.id } : fact);
  }
  return { ...known, facts: withinLimit([...byKey.values()]) };
};

/** What was set is the operator's to bound; what was said makes room for it. */
const keptOf = (facts: readonly Fact[]): Fact[] => {
  const set = facts.filter(({ origin }) => origin === 'set');
  return set.length > maxFacts ? set : withinLimit(facts);
};

/** What is set is kept first, then what was said last. */
const withinLimit = (facts: readonly Fact[]): Fact[] =>
  facts
    .toSorted((one, other) => Number(other.origin === 'set') - Number(one.origin === 'set') || other.at - one.at)
    .slice(0, maxFacts);

/** By name; null removes what was set and said under it. */
export type FactChange = Readonly<Record<string, string | null>>;

/**
 * Lays what the operator says over what is remembered of one user id; `own` is false for the other ids of the person,
 * which lose what is replaced or removed and get nothing.
 */
export const setFacts = (
  known: UserFacts,
  change: FactChange,
  { at, newId, own }: { at: number; newId: () => string; own: boolean },
): UserFacts => {
  const names = Object.keys(change);
  const changed = new Set(names.map(factKey));
  const isChanged = ({ name }: { name: string }): boolean => changed.has(factKey(name));
  const set = Object.entries(change).flatMap(([name, value]): Fact[] =>
    value === null || !own ? [] : [{ id: newId(), name, value, origin: 'set', at, source: null }],
  );
  return {
    facts: keptOf([...set, ...known.facts.filter((fact) => !isChanged(fact))]),
    // the newest are kept: they stand for messages that may still be on their way to being read
    removed: [...names.map((name) => ({ name, at })), ...known.removed.filter((entry) => !isChanged(entry))].slice(
      0,
      maxFacts,
    ),
  };
};
