import type { RecallMessage, RecallRole } from './recall-message.ts';

/**
 * Messages of one conversation and the terms in them, in few bytes and without their texts: read by every question of
 * the user, so that a term is found by bisection and only its own places are unpacked.
 *
 *     version, count of messages, for each: seq (distance), tokens, length, role and flags, seconds (distance)
 *     count of terms, three bytes a term (ascending), two bytes a term: where its places end, then the places:
 *     for each message that holds it: index (distance), count
 *
 * Numbers are LEB128 varints (https://en.wikipedia.org/wiki/LEB128#Unsigned_LEB128) where no size is given.
 */
export type Segment = {
  messages: RecallMessage[];
  /** About what it takes in memory. */
  sizeBytes: number;
  /** Calls `visit` for each message that holds the term, by its index. */
  find: (term: number, visit: (index: number, count: number) => void) => void;
  /** Every term with its places; for packing anew. */
  entries(): Iterable<[term: number, places: [index: number, count: number][]]>;
};

/** One packed segment holds at most so many: a new one is begun before an old one gets dear to write again. */
export const maxSegmentMessages = 64;

/** Where the places of a term end is told in two bytes. */
const maxPlaceBytes = 0xffff;

const version = 1;
const termBytes = 3;
const endBytes = 2;

/** What a message takes in memory beside its packed bytes, as measured. */
const bytesOfMessage = 120;

const roles: readonly RecallRole[] = ['user', 'assistant', 'human'];
const roleBits = 0x03;
const asksBit = 0x04;

export type PackedMessage = { message: RecallMessage; terms: ReadonlyMap<number, number> };

/** Messages in the order of their places. Terms past what two bytes can address, of very long messages, are left out. */
export const encodeSegment = (packed: readonly PackedMessage[]): Uint8Array => {
  const bytes: number[] = [version];
  writeVarint(bytes, packed.length);
  let before: Pick<RecallMessage, 'seq' | 'createdAt'> = { seq: 0, createdAt: 0 };
  for (const { message } of packed) {
    if (message.seq <= before.seq) throw new RangeError('places in a segment must grow');
    writeVarint(bytes, message.seq - before.seq);
    writeVarint(bytes, message.tokens);
    writeVarint(bytes, message.length);
    bytes.push(roles.indexOf(message.role) | (message.asks ? asksBit : 0));
    // messages that were brought in may be older than those before them
    writeVarint(bytes, zigzag(seconds(message.createdAt) - seconds(before.createdAt)));
    before = message;
  }
  const places = new Map<number, number[]>();
  for (const [index, { terms }] of packed.entries()) {
    for (const [term, count] of terms) {
      const list = places.get(term);
      if (list) list.push(index, count);
      else places.set(term, [index, count]);
    }
  }
  return Uint8Array.from([...bytes, ...encodeTerms(places)]);
};

const encodeTerms = (places: ReadonlyMap<number, readonly number[]>): number[] => {
  const terms: number[] = [];
  const ends: number[] = [];
  const lists: number[] = [];
  for (const term of [...places.keys()].toSorted((one, other) => one - other)) {
    const list: number[] = [];
    let before = -1;
    const values = places.get(term) ?? [];
    for (let at = 0; at + 1 < values.length; at += 2) {
      const [index = 0, count = 0] = values.slice(at, at + 2);
      writeVarint(list, index - before - 1);
      writeVarint(list, count);
      before = index;
    }
    if (lists.length + list.length > maxPlaceBytes) break;
    lists.push(...list);
    terms.push(term & 0xff, (term >> 8) & 0xff, term >> 16);
    ends.push(lists.length & 0xff, lists.length >> 8);
  }
  const head: number[] = [];
  writeVarint(head, terms.length / termBytes);
  return [...head, ...terms, ...ends, ...lists];
};

/** Throws RangeError for bytes that `encodeSegment` did not write. */
export const decodeSegment = (bytes: Uint8Array): Segment => {
  const reader = new Reader(bytes);
  if (reader.byte() !== version) throw new RangeError('the segment is of a version that is not known');
  const messages = readMessages(reader);
  const terms = reader.varint();
  const firstTerm = reader.at;
  const firstEnd = firstTerm + terms * termBytes;
  const firstPlace = firstEnd + terms * endBytes;
  if (firstPlace > bytes.length) throw new RangeError('the segment ends in the middle');
  const byteAt = (at: number): number => bytes[at] ?? 0;
  const termAt = (at: number): number => {
    const from = firstTerm + at * termBytes;
    return byteAt(from) | (byteAt(from + 1) << 8) | (byteAt(from + 2) << 16);
  };
  const endAt = (at: number): number => {
    const from = firstEnd + at * endBytes;
    return at < 0 ? firstPlace : firstPlace + (byteAt(from) | (byteAt(from + 1) << 8));
  };
  const visitPlaces = (at: number, visit: (index: number, count: number) => void): void => {
    const end = endAt(at);
    const places = new Reader(bytes, endAt(at - 1));
    let index = -1;
    while (places.at < end) {
      index += places.varint() + 1;
      visit(index, places.varint());
    }
  };
  return {
    messages,
    sizeBytes: bytes.length + bytesOfMessage * messages.length,
    find(term, visit) {
      let low = 0;
      let high = terms - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const found = termAt(middle);
        if (found === term) return visitPlaces(middle, visit);
        if (found < term) low = middle + 1;
        else high = middle - 1;
      }
    },
    *entries() {
      for (let at = 0; at < terms; at++) {
        const places: [number, number][] = [];
        visitPlaces(at, (index, count) => places.push([index, count]));
        yield [termAt(at), places];
      }
    },
  };
};

const readMessages = (reader: Reader): RecallMessage[] => {
  const count = reader.varint();
  const messages: RecallMessage[] = [];
  let seq = 0;
  let second = 0;
  for (let at = 0; at < count; at++) {
    seq += reader.varint();
    const tokens = reader.varint();
    const length = reader.varint();
    const flags = reader.byte();
    second += unzigzag(reader.varint());
    messages.push({
      seq,
      tokens,
      length,
      role: roles[flags & roleBits] ?? 'user',
      asks: (flags & asksBit) !== 0,
      createdAt: second * 1_000,
    });
  }
  return messages;
};

const seconds = (time: number): number => Math.floor(time / 1_000);
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new RangeError('the segment ends in the middle');
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
}

const writeVarint = (bytes: number[], value: number): void => {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
};
