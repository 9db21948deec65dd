import { foldText } from './fold-text.ts';
import type { PassageWord, ReadPassage } from './read-passage.ts';
import type { Word } from './split-words.ts';

/**
 * Runs of letters that words share: they join what no stemmer does in any language with endings, compounds, slips of the
 * pen, and in scripts without spaces the parts of words.
 */

/** Runs of a question that are compared; a longer one says enough with its first ones. */
const maxRuns = 512;

/** A word of a question with what it counts, 0 to 1. */
export type AskedWord = Word & { part: number };

/** Finds in passages the runs of a question, which are numbered from 0. */
export type RunFinder = {
  /** What each counts: as much as the first word that has it. */
  parts: readonly number[];
  /** The numbers of those that each sentence holds. */
  find: (passage: ReadPassage) => readonly ReadonlySet<number>[];
};

/** A question's runs, of all its words: those of the small words stand everywhere, and are weighed for it. */
export const createRunFinder = (words: readonly AskedWord[]): RunFinder => {
  const table = new RunTable();
  const parts: number[] = [];
  for (const { text, kind, part } of words) {
    eachRun(foldText(text), kind, (first, second, third) => {
      if (parts.length < maxRuns && table.add(first, second, third)) parts.push(part);
    });
  }
  const known = new Map<PassageWord, readonly number[]>();
  const numbersOf = (word: PassageWord): readonly number[] => {
    let found = known.get(word);
    if (!found) {
      const numbers: number[] = [];
      eachRun(word.folded, word.kind, (first, second, third) => {
        const number = table.find(first, second, third);
        if (number >= 0) numbers.push(number);
      });
      known.set(word, (found = numbers));
    }
    return found;
  };
  const findIn = (sentence: readonly PassageWord[]): Set<number> => {
    const found = new Set<number>();
    for (const word of sentence) for (const number of numbersOf(word)) found.add(number);
    return found;
  };
  return { parts, find: ({ sentences }) => sentences.map((sentence) => findIn(sentence)) };
};

/** Twice a power of two above `maxRuns`, so that most look-ups end at the first place. */
const tableSize = 2048;

/**
 * Runs numbered from 0 in the order in which they come, each as three units of UTF-16. A question is compared with some
 * ten thousand runs of passages, and strings for them would cost five times what this does.
 */
class RunTable {
  /** By the hash of a run, and what follows: its number; -1 where none is. */
  readonly #places = new Int16Array(tableSize).fill(-1);
  readonly #units = new Uint16Array(3 * maxRuns);
  #size = 0;

  /** False where it has the run already. The caller holds to `maxRuns`. */
  add(first: number, second: number, third: number): boolean {
    const place = this.#placeOf(first, second, third);
    if (this.#places[place] !== -1) return false;
    this.#units.set([first, second, third], 3 * this.#size);
    this.#places[place] = this.#size++;
    return true;
  }

  /** The run's number, or -1. */
  find(first: number, second: number, third: number): number {
    return this.#places[this.#placeOf(first, second, third)]!;
  }

  /** Where the run stands, or would. */
  #placeOf(first: number, second: number, third: number): number {
    const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(third, 0xc2b2ae35);
    for (let place = (hash ^ (hash >>> 15)) & (tableSize - 1); ; place = (place + 1) & (tableSize - 1)) {
      const at = 3 * this.#places[place]!;
      if (at < 0) return place;
      if (this.#units[at] === first && this.#units[at + 1] === second && this.#units[at + 2] === third) return place;
    }
  }
}

const space = 0x20;

/** Three letters in a row, with the word's ends; of Chinese, Japanese and Korean each character, and each two. */
const eachRun = (
  folded: string,
  kind: PassageWord['kind'],
  take: (first: number, second: number, third: number) => void,
): void => {
  if (kind === 'pairs') {
    eachRunOfCharacters(folded, take);
    return;
  }
  let first = space;
  let second = folded.charCodeAt(0);
  for (let at = 1; at <= folded.length; at++) {
    const third = at < folded.length ? folded.charCodeAt(at) : space;
    take(first, second, third);
    first = second;
    second = third;
  }
};

/** In the place of a third letter, where private use has no letters; what a character has above 16 bits is beside it. */
const oneCharacter = 0xe000;
const twoCharacters = 0xe400;
const highBits = 5;

const eachRunOfCharacters = (folded: string, take: (first: number, second: number, third: number) => void): void => {
  let before = -1;
  for (const character of folded) {
    const point = character.codePointAt(0)!;
    const high = point >>> 16;
    take(point & 0xffff, 0, oneCharacter | high);
    if (before >= 0) take(before & 0xffff, point & 0xffff, twoCharacters | ((before >>> 16) << highBits) | high);
    before = point;
  }
};
