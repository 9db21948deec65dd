import { randomFillSync, randomInt } from 'node:crypto';

/**
 * Ids: a prefix and a UUIDv7 as 26 characters of lower-case Crockford base32, the form of TypeID
 * (https://github.com/jetify-com/typeid/tree/main/spec). They sort by the time of their making, in any collation,
 * and ids of one process in the order of their making.
 */

export type IdPrefix =
  | 'ws'
  | 'bot'
  | 'conv'
  | 'msg'
  | 'turn'
  | 'key'
  | 'secret'
  | 'visitor'
  | 'src'
  | 'page'
  | 'chunk'
  | 'evt'
  | 'led'
  | 'job'
  | 'audit'
  | 'mem'
  | 'fact'
  | 'inv'
  | 'prov'
  | 'era'
  | 'person'
  | 'hook'
  | 'dlv'
  | 'req'
  | 'node'
  | 'inst';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const suffixPattern = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

const randomPool = Buffer.alloc(4096);
let randomAt = randomPool.length;
let lastMs = 0;
let sequence = 0;
let timePart = '';

const encodeGroup = (value: number, characters: number): string => {
  let text = '';
  let rest = value;
  for (let count = 0; count < characters; count++) {
    text = `${alphabet[rest & 31]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/**
 * UUIDv7 (RFC 9562, 6.2 method 1: the 12 bits after the version count up within a millisecond, so that ids made by one
 * process sort in the order of their making), written as base32.
 */
const nextSuffix = (): string => {
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    sequence = randomInt(0x800);
    timePart = encodeGroup(lastMs, 10);
  } else if (++sequence > 0xfff) {
    lastMs += 1;
    sequence = 0;
    timePart = encodeGroup(lastMs, 10);
  }
  if (randomAt + 8 > randomPool.length) {
    randomFillSync(randomPool);
    randomAt = 0;
  }
  // 80 bits: version 7, the sequence, variant 0b10 and 62 random ones, in two groups of 40 that are exact as numbers
  const high = 0x70000000 + sequence * 0x10000 + (0x8000 | (randomPool.readUInt16LE(randomAt) & 0x3fff));
  const middle = randomPool[randomAt + 2] ?? 0;
  const low = randomPool.readUIntLE(randomAt + 3, 5);
  randomAt += 8;
  return timePart + encodeGroup((high >>> 0) * 0x100 + middle, 8) + encodeGroup(low, 8);
};

export const newId = (prefix: IdPrefix): string => `${prefix}_${nextSuffix()}`;

/** Sorts before every id of the prefix that is made at `at` or later. */
export const earliestId = (prefix: IdPrefix, at: number): string =>
  `${prefix}_${encodeGroup(Math.max(0, at), 10)}${'0'.repeat(16)}`;

/** True for a string of the form that `newId(prefix)` gives; no statement is made about its existence. */
export const isId = (prefix: IdPrefix, value: string): boolean =>
  value.startsWith(`${prefix}_`) && suffixPattern.test(value.slice(prefix.length + 1));
