import type { Fact, UserFacts } from './fact.ts';

/** What is remembered of a user as it is stored: values by position, since it is read with every turn of theirs. */
type PackedFacts = [facts: PackedFact[], removed: [name: string, at: number][]];

type PackedFact = [
  id: string,
  name: string,
  value: string,
  at: number,
  source: [conversationId: string, messageId: string, seq: number, confidence: number] | null,
];

/** Null where there is nothing to store. */
export const packFacts = ({ facts, removed }: UserFacts): string | null => {
  if (facts.length === 0 && removed.length === 0) return null;
  const packed: PackedFacts = [facts.map(packFact), removed.map(({ name, at }) => [name, at])];
  return JSON.stringify(packed);
};

export const unpackFacts = (packed: string | null): UserFacts => {
  if (packed === null) return { facts: [], removed: [] };
  const [facts, removed] = JSON.parse(packed) as PackedFacts;
  return { facts: facts.map(unpackFact), removed: removed.map(([name, at]) => ({ name, at })) };
};

const packFact = ({ id, name, value, at, source }: Fact): PackedFact => [
  id,
  name,
  value,
  at,
  source && [source.conversationId, source.messageId, source.seq, source.confidence],
];

const unpackFact = ([id, name, value, at, source]: PackedFact): Fact => ({
  id,
  name,
  value,
  origin: source === null ? 'set' : 'said',
  at,
  source: source && { conversationId: source[0], messageId: source[1], seq: source[2], confidence: source[3] },
});
