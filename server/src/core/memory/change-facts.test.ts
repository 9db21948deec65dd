import { describe, expect, test } from 'vitest';
import { addSaid, setFacts } from './change-facts.ts';
import { type Fact, maxFacts, noFacts, type UserFacts } from './fact.ts';
import { packFacts, unpackFacts } from './fact-record.ts';
import { factsByReference, knownFacts } from './known-facts.ts';

const said = (name: string, value: string, at: number): Fact => ({
  id: `${name}-${at}`,
  name,
  value,
  origin: 'said',
  at,
  source: { conversationId: 'conv_a', messageId: `msg_${at}`, seq: at, confidence: 0.9 },
});
const set = (known: UserFacts, change: Record<string, string | null>, at: number, own = true): UserFacts =>
  setFacts(known, change, { at, newId: () => `set-${at}`, own });
const values = ({ facts }: UserFacts): Record<string, string> =>
  Object.fromEntries(facts.map(({ name, value }) => [name, value]));
const shown = (...users: UserFacts[]) =>
  knownFacts(users.map((remembered) => ({ traits: {}, remembered }))).map(({ name, value }) => `${name}=${value}`);

describe('what a user said', () => {
  test('replaces what they said before, and never what they said since', () => {
    const known = addSaid(noFacts, [said('city', 'Batumi', 2)]);
    expect(values(addSaid(known, [said('city', 'Tbilisi', 3)]))).toEqual({ city: 'Tbilisi' });
    expect(values(addSaid(known, [said('city', 'Tbilisi', 1)]))).toEqual({ city: 'Batumi' });
  });

  test('again is the same fact, from the newer message', () => {
    const known = addSaid(addSaid(noFacts, [said('city', 'Batumi', 2)]), [said('city', 'Batumi', 5)]);
    expect(known.facts).toMatchObject([{ id: 'city-2', at: 5, source: { messageId: 'msg_5' } }]);
  });

  test('under the same name in another spelling is one fact', () => {
    expect(values(addSaid(noFacts, [said('Home City', 'Batumi', 1), said('home_city', 'Tbilisi', 2)]))).toEqual({
      home_city: 'Tbilisi',
    });
  });

  test('is forgotten from the oldest on where it is too much, and what was set is not', () => {
    const many = Array.from({ length: maxFacts + 10 }, (_, at) => said(`fact ${at}`, 'x', at + 1));
    const known = addSaid(set(noFacts, { tier: 'gold' }, 1), many);
    expect(known.facts).toHaveLength(maxFacts);
    expect(values(known)).toMatchObject({ tier: 'gold', [`fact ${maxFacts + 9}`]: 'x' });
    expect(values(known)).not.toHaveProperty('fact 0');
  });
});

describe('what the operator says', () => {
  test('wins over what was said before and after it, until it is removed', () => {
    const known = set(addSaid(noFacts, [said('name', 'Ana', 1)]), { name: 'Anna' }, 2);
    expect(values(known)).toEqual({ name: 'Anna' });
    expect(values(addSaid(known, [said('name', 'Annie', 3)]))).toEqual({ name: 'Anna' });
    const removed = set(known, { name: null }, 4);
    expect(values(removed)).toEqual({});
    expect(values(addSaid(removed, [said('name', 'Annie', 3)]))).toEqual({});
    expect(values(addSaid(removed, [said('name', 'Annie', 5)]))).toEqual({ name: 'Annie' });
  });

  test('holds for all ids of the person, and is kept under one', () => {
    const other = addSaid(noFacts, [said('name', 'Ana', 1)]);
    expect(shown(set(noFacts, { name: 'Anna' }, 2), set(other, { name: 'Anna' }, 2, false))).toEqual(['name=Anna']);
    // a link that is made later brings nothing back
    expect(shown(set(noFacts, { name: null }, 2), other)).toEqual([]);
  });
});

describe('what is known of a person', () => {
  test('is one fact a name: set before trait before said, and the newest of a kind', () => {
    const remembered = set(addSaid(noFacts, [said('city', 'Batumi', 1), said('plan', 'pro', 1)]), { vip: 'yes' }, 2);
    const linked = addSaid(noFacts, [said('city', 'Tbilisi', 3), said('vip', 'no', 4)]);
    const known = knownFacts([
      { traits: { plan: 'free', seats: 3 }, remembered },
      { traits: {}, remembered: linked },
    ]);
    expect(known.map(({ name, value, origin }) => [name, value, origin])).toEqual([
      ['vip', 'yes', 'set'],
      ['plan', 'free', 'trait'],
      ['seats', '3', 'trait'],
      ['city', 'Tbilisi', 'said'],
    ]);
    expect(known.at(-1)).toMatchObject({ at: 3, messageId: 'msg_3', confidence: 0.9 });
  });

  test('is found again by its reference while it is the same', () => {
    const users = [{ traits: { seats: 3 }, remembered: addSaid(noFacts, [said('city', 'Batumi', 1)]) }];
    const references = knownFacts(users).map(({ reference }) => reference);
    const found = factsByReference(users);
    expect(references.map((reference) => found.get(reference)?.value)).toEqual(['3', 'Batumi']);
    expect(factsByReference([{ traits: { seats: 4 }, remembered: noFacts }]).get(references[0]!)).toBeUndefined();
  });
});

test('facts are read as they were stored, and nothing is stored for nothing', () => {
  const known = set(addSaid(noFacts, [said('city', 'Batumi', 1)]), { name: 'Ana', city: null, x: 'y' }, 2);
  expect(unpackFacts(packFacts(known))).toEqual(known);
  expect(packFacts(noFacts)).toBeNull();
  expect(unpackFacts(null)).toEqual(noFacts);
});
