import { expect, test } from 'vitest';
import { decodePostings, encodePostings, type PostingEntry } from './posting-codec.ts';

const decode = (bytes: Uint8Array): PostingEntry[] => {
  const entries: PostingEntry[] = [];
  decodePostings(bytes, (position, count, length) => entries.push({ position, count, length }));
  return entries;
};

test('entries come back as they were written', () => {
  const entries = [
    { position: 0, count: 1, length: 127 },
    { position: 1, count: 128, length: 300 },
    { position: 5_000_000, count: 3, length: 2 ** 33 },
  ];
  expect(decode(encodePostings(entries))).toEqual(entries);
  expect(decode(encodePostings([]))).toEqual([]);
});

test('a common entry takes three bytes', () => {
  expect(encodePostings([{ position: 3, count: 2, length: 90 }])).toHaveLength(3);
});

test('positions that do not grow are refused', () => {
  const entry = { position: 4, count: 1, length: 1 };
  expect(() => encodePostings([entry, entry])).toThrow(RangeError);
});

test('bytes that end in the middle of a number are refused', () => {
  const bytes = encodePostings([{ position: 1, count: 1, length: 300 }]);
  expect(() => decode(bytes.subarray(0, -1))).toThrow(RangeError);
});
