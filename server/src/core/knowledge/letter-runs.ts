import { foldText } from './fold-text.ts';
import type { PassageWord, ReadPassage } from './read-passage.ts';
import type { Word } from './split-words.ts';

/**
 * Runs of letters that words share: they join what no stemmer does in any language with endings, compounds, slips of the
 * pen, and in scripts without spaces the parts of words.
 */
const runLength = 3;

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
  const numbers = new Map<string, number>();
  const parts: number[] = [];
  for (const { text, kind, part } of words) {
    for (const run of runsOf(foldText(text), kind)) {
      if (numbers.size >= maxRuns || numbers.has(run)) continue;
      numbers.set(run, numbers.size);
      parts.push(part);
    }
  }
  const known = new Map<PassageWord, readonly number[]>();
  const numbersOf = (word: PassageWord): readonly number[] => {
    let found = known.get(word);
    if (!found) {
      const runs = word.runs ?? runsOf(word.folded, word.kind);
      if (word.isShared) word.runs = runs;
      found = runs.flatMap((run) => numbers.get(run) ?? []);
      known.set(word, found);
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

/** Three letters in a row, with the word's ends; of Chinese, Japanese and Korean each character, and each two. */
const runsOf = (folded: string, kind: PassageWord['kind']): string[] => {
  if (kind === 'pairs') {
    const characters = Array.from(folded);
    return [...characters, ...characters.slice(1).map((character, at) => `${characters[at]}${character}`)];
  }
  const framed = ` ${folded} `;
  const runs: string[] = [];
  for (let at = 0; at + runLength <= framed.length; at++) runs.push(framed.slice(at, at + runLength));
  return runs;
};
