import type { UserPlace } from '../user/user.ts';
import { type Fact, type FactOrigin, factKey, type FactReader, type KnownUser } from './fact.ts';
import { referenceOf } from './reference-of.ts';

/** Something that is known of a person, from whichever of their user ids. */
export type KnownFact = {
  name: string;
  value: string;
  origin: FactOrigin;
  /** When it was said or set; null for a trait. */
  at: number | null;
  /** The message it was said in. */
  messageId: string | null;
  confidence: number | null;
  /** The id of the fact, or the hash of a trait: by it a receipt finds it again. */
  reference: string;
};

const rank: Readonly<Record<FactOrigin, number>> = { set: 0, trait: 1, said: 2 };

/**
 * What is known of a person, one fact a name: what the operator has set comes before traits, and those before what was
 * said; of two of a kind the newer one. In this order, and the newest first within a kind. What the operator has removed
 * does not come back from what was said before, under whichever id.
 */
export const knownFacts = (users: readonly KnownUser[]): KnownFact[] => {
  const removed = new Map<string, number>();
  for (const { name, at } of users.flatMap((user) => user.remembered.removed)) {
    removed.set(factKey(name), Math.max(at, removed.get(factKey(name)) ?? 0));
  }
  const all = users
    .flatMap((user) => [
      ...user.remembered.facts
        .filter((fact) => fact.origin === 'set' || fact.at > (removed.get(factKey(fact.name)) ?? 0))
        .map(fromFact),
      ...Object.entries(user.traits).map(fromTrait),
    ])
    .toSorted((one, other) => rank[one.origin] - rank[other.origin] || (other.at ?? 0) - (one.at ?? 0));
  const byName = new Map<string, KnownFact>();
  for (const fact of all) {
    const key = factKey(fact.name) || fact.name;
    if (!byName.has(key)) byName.set(key, fact);
  }
  return [...byName.values()];
};

/** What is remembered of a person beside their traits. */
export const rememberedFacts = async (facts: FactReader, place: UserPlace): Promise<KnownFact[]> =>
  knownFacts((await facts.findKnown(place)).map(({ remembered }) => ({ traits: {}, remembered })));

const fromFact = ({ id, name, value, origin, at, source }: Fact): KnownFact => ({
  name,
  value,
  origin,
  at,
  messageId: source?.messageId ?? null,
  confidence: source?.confidence ?? null,
  reference: id,
});

const fromTrait = ([name, trait]: [string, string | number | boolean]): KnownFact => {
  const value = String(trait);
  const reference = referenceOf(`${name}\0${value}`);
  return { name, value, origin: 'trait', at: null, messageId: null, confidence: null, reference };
};

/** Everything that is stored of a person, by its reference, for a receipt that is read. */
export const factsByReference = (users: readonly KnownUser[]): Map<string, KnownFact> =>
  new Map(
    users
      .flatMap(({ traits, remembered }) => [
        ...Object.entries(traits).map(fromTrait),
        ...remembered.facts.map(fromFact),
      ])
      .map((fact) => [fact.reference, fact]),
  );
