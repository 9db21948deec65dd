import { array, assert as check, boolean, constantFrom, integer, nat, property, record, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { trimSegment, unpackSegment } from './pack-messages.ts';
import type { RecallMessage } from './recall-message.ts';
import { decodeSegment, encodeSegment, type PackedMessage } from './segment-codec.ts';

const message = record({
  seq: integer({ min: 1, max: 100 }),
  role: constantFrom('user' as const, 'assistant' as const, 'human' as const),
  tokens: nat(100_000),
  length: nat(4_000),
  asks: boolean(),
  createdAt: nat(4_000_000_000).map((second) => second * 1_000),
});
const terms = array(tuple(nat(0xffffff), integer({ min: 1, max: 300 })), { maxLength: 40 }).map(
  (pairs) => new Map(pairs),
);

/** Places grow, by what was drawn for each. */
const packed = array(record({ message, terms }), { minLength: 1, maxLength: 64 }).map((list): PackedMessage[] => {
  let seq = 0;
  return list.map((each) => ({ ...each, message: { ...each.message, seq: (seq += each.message.seq) } }));
});

it('a segment is read as it was written', () => {
  check(
    property(packed, (messages) => {
      expect(unpackSegment(encodeSegment(messages))).toEqual(messages);
    }),
  );
});

it('a term is found in the messages that hold it, and another is not', () => {
  check(
    property(packed, nat(0xffffff), (messages, absent) => {
      const segment = decodeSegment(encodeSegment(messages));
      const find = (term: number): [number, number][] => {
        const found: [number, number][] = [];
        segment.find(term, (index, count) => found.push([index, count]));
        return found;
      };
      const holding = (term: number): [number, number][] =>
        messages.flatMap((each, index): [number, number][] => {
          const count = each.terms.get(term);
          return count === undefined ? [] : [[index, count]];
        });
      for (const term of messages.flatMap((each) => [...each.terms.keys()])) expect(find(term)).toEqual(holding(term));
      expect(find(absent)).toEqual(holding(absent));
    }),
  );
});

const at = (seq: number): RecallMessage => ({ seq, role: 'user', tokens: 3, length: 2, asks: false, createdAt: 0 });

it('a segment that is trimmed holds nothing of what stood before', () => {
  const bytes = encodeSegment([
    {
      message: at(3),
      terms: new Map([
        [7, 1],
        [9, 1],
      ]),
    },
    { message: at(5), terms: new Map([[9, 2]]) },
  ]);
  expect(unpackSegment(trimSegment(bytes, 4)!)).toEqual([{ message: at(5), terms: new Map([[9, 2]]) }]);
  expect([...decodeSegment(trimSegment(bytes, 4)!).entries()].map(([term]) => term)).toEqual([9]);
  expect(trimSegment(bytes, 6)).toBeNull();
});

it('bytes that end too early or are of another version are refused', () => {
  const bytes = encodeSegment([{ message: at(3), terms: new Map([[7, 1]]) }]);
  expect(() => unpackSegment(bytes.subarray(0, 4))).toThrow(RangeError);
  expect(() => unpackSegment(bytes.subarray(0, 9))).toThrow(RangeError);
  expect(() => decodeSegment(Uint8Array.from([9, ...bytes.subarray(1)]))).toThrow('version');
});

it('what two bytes cannot address is left out, and the rest is found', () => {
  const everywhere = Array.from({ length: 64 }, (_, index) => ({
    message: at(index + 1),
    terms: new Map(Array.from({ length: 1_000 }, (__, term) => [term, 1] as const)),
  }));
  const segment = decodeSegment(encodeSegment(everywhere));
  let found = 0;
  segment.find(0, () => (found += 1));
  expect(found).toBe(64);
  expect([...segment.entries()].length).toBeLessThan(1_000);
});
