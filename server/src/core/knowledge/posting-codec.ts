/** A chunk that holds a term. */
export type PostingEntry = {
  /** The chunk's position in its source. */
  position: number;
  /** How often the term stands in it. */
  count: number;
  /** The chunk's length in terms. */
  length: number;
};

/**
 * Entries as bytes: for each one the distance to the position before, the count and the length, as LEB128 varints
 * (https://en.wikipedia.org/wiki/LEB128#Unsigned_LEB128). Positions must grow.
 */
export const encodePostings = (entries: readonly PostingEntry[]): Uint8Array => {
  const bytes: number[] = [];
  let before = -1;
  for (const { position, count, length } of entries) {
    if (position <= before) throw new RangeError('positions of postings must grow');
    writeVarint(bytes, position - before - 1);
    writeVarint(bytes, count);
    writeVarint(bytes, length);
    before = position;
  }
  return Uint8Array.from(bytes);
};

/** Reads what `encodePostings` wrote; `visit` is called for each entry, since lists of thousands are read on a turn's path. */
export const decodePostings = (
  bytes: Uint8Array,
  visit: (position: number, count: number, length: number) => void,
): void => {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the postings end in the middle of a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  let position = -1;
  while (at < bytes.length) {
    position += readVarint() + 1;
    const count = readVarint();
    visit(position, count, readVarint());
  }
};

const writeVarint = (bytes: number[], value: number): void => {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
};
