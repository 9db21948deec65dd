import { setImmediate } from 'node:timers/promises';
import type { ChunkPlace, Posting } from './posting.ts';
import { decodePostings } from './posting-codec.ts';

/** The chunks that hold a term, by their numbers in a `PlaceTable`. */
export type TermList = { numbers: Uint32Array; counts: Uint16Array; lengths: Uint16Array };

/** What the index says of the terms of a question. Terms that stand nowhere are absent. */
export type TermLists = { places: PlaceTable; lists: ReadonlyMap<string, TermList> };

/** What a table takes for a chunk and for a source, as measured. */
const bytesOfChunk = 64;
const bytesOfSource = 200;

/** Gives each chunk that was met a number from 0, so that lists of many are compared without a text for each. */
export class PlaceTable {
  readonly #numbers = new Map<string, Map<number, number>>();
  readonly #sources: string[] = [];
  readonly #positions: number[] = [];

  get size(): number {
    return this.#positions.length;
  }

  /** About what it takes. */
  get bytes(): number {
    return bytesOfChunk * this.#positions.length + bytesOfSource * this.#numbers.size;
  }

  /** Of the chunks of a source, by their positions. */
  of(sourceId: string): (position: number) => number {
    let known = this.#numbers.get(sourceId);
    if (!known) this.#numbers.set(sourceId, (known = new Map()));
    const numbers = known;
    return (position) => {
      let number = numbers.get(position);
      if (number === undefined) {
        number = this.#positions.length;
        numbers.set(position, number);
        this.#sources.push(sourceId);
        this.#positions.push(position);
      }
      return number;
    };
  }

  at(number: number): ChunkPlace {
    return { sourceId: this.#sources[number] ?? '', position: this.#positions[number] ?? 0 };
  }
}

/** Postings that are decoded in one go, about 2 ms, before turns get their share of the processor again. */
const postingsPerBreath = 1_000;

const mostOfSixteenBits = 0xffff;

/** Decodes the postings of a term; chunks without a number get one. */
export const decodeTermList = async (postings: readonly Posting[], places: PlaceTable): Promise<TermList> => {
  const numbers: number[] = [];
  const counts: number[] = [];
  const lengths: number[] = [];
  for (const [at, { sourceId, entries }] of postings.entries()) {
    if (at % postingsPerBreath === postingsPerBreath - 1) await setImmediate();
    const numberOf = places.of(sourceId);
    decodePostings(entries, (position, count, length) => {
      numbers.push(numberOf(position));
      counts.push(Math.min(count, mostOfSixteenBits));
      lengths.push(Math.min(length, mostOfSixteenBits));
    });
  }
  return { numbers: Uint32Array.from(numbers), counts: Uint16Array.from(counts), lengths: Uint16Array.from(lengths) };
};

/** Decodes what was read for one question. */
export const decodeTermLists = async (found: ReadonlyMap<string, readonly Posting[]>): Promise<TermLists> => {
  const places = new PlaceTable();
  const lists = new Map<string, TermList>();
  for (const [term, postings] of found) lists.set(term, await decodeTermList(postings, places));
  return { places, lists };
};
