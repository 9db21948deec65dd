import type { QueryWord } from './analyse-query.ts';
import { foldText } from './fold-text.ts';
import type { PassageWord, ReadPassage } from './read-passage.ts';
import { splitWords } from './split-words.ts';
import { wordLikeness } from './word-likeness.ts';

/**
 * Judges the few passages that the index put first by what the index does not hold: which of the question's words stand
 * together in a sentence, in which order, how they are written, and what words are only like them.
 */

/**
 * What each sign adds to the share of an ideal passage. Found by a listwise fit on the questions of XQuAD in six
 * languages, and tried on six others; each helps in all of them, and none needs to be exact.
 */
const weights = {
  /** The share of the question, by weight, that the best sentence holds. */
  sentence: 0.7,
  /** The same for two sentences that follow each other. */
  neighbours: 0.6,
  /** What words of the passage are like words of the question that it does not hold. */
  likeness: 0.7,
  /** Words that follow each other in both, with one between at most. */
  order: 0.15,
  /** Pairs of words as they are written, the small ones too. */
  wording: 0.3,
  /** Words as they are written, accents and all. */
  spelling: 0.4,
};

/** The question, ready for any number of passages. */
export type Rescoring = {
  words: readonly QueryWord[];
  /** What each word tells, by its rarity. */
  rarity: readonly number[];
  text: string;
};

/**
 * Judges a passage, from 0 up, comparable between passages of one question; `share` is what the index gave it, as a part
 * of an ideal one.
 */
export const createRescorer = ({
  words,
  rarity,
  text,
}: Rescoring): ((passage: ReadPassage, share: number) => number) => {
  const total = rarity.reduce((sum, weight) => sum + weight, 0) || 1;
  const askedWords = splitWords(text);
  const written = askedWords.flatMap((word) => surfaces(word.kind, foldText(word.text)));
  const wordings = new Set(pairsOf(written));
  const spellings = new Set(askedWords.map((word) => word.text.toLowerCase()));
  const find = createFinder(words);
  const weigh = (credits: Float64Array): number => {
    let sum = 0;
    for (let at = 0; at < credits.length; at++) sum += (credits[at] ?? 0) * (rarity[at] ?? 0);
    return sum / total;
  };
  return (passage, share) => {
    const { bySentence, places } = find(passage);
    const all = bySentence.reduce((one, other) => larger(one, other), new Float64Array(words.length));
    const sentence = Math.max(0, ...bySentence.map((credits) => weigh(credits)));
    const neighbours = Math.max(
      sentence,
      ...bySentence.slice(1).map((credits, at) => weigh(larger(bySentence[at] ?? credits, credits))),
    );
    const likeness = weigh(all) - weigh(all.map((credit) => (credit === 1 ? 1 : 0)));
    const surface = passage.sentences.flatMap((found) => found.flatMap((word) => surfaces(word.kind, word.folded)));
    return (
      share +
      weights.sentence * sentence +
      weights.neighbours * neighbours +
      weights.likeness * likeness +
      weights.order * inOrder(words, rarity, places) +
      weights.wording * shareOf(wordings, new Set(pairsOf(surface))) +
      weights.spelling *
        shareOf(spellings, new Set(passage.sentences.flatMap((found) => found.map(({ lower }) => lower))))
    );
  };
};

const surfaces = (kind: PassageWord['kind'], folded: string): string[] =>
  kind === 'pairs' ? Array.from(folded) : [folded];

const pairsOf = (surface: readonly string[]): string[] => surface.slice(1).map((word, at) => `${surface[at]} ${word}`);

const shareOf = (wanted: ReadonlySet<string>, present: ReadonlySet<string>): number => {
  let found = 0;
  for (const item of wanted) if (present.has(item)) found++;
  return found / (wanted.size || 1);
};

const larger = (one: Float64Array, other: Float64Array): Float64Array =>
  one.map((value, at) => Math.max(value, other[at] ?? 0));

/** From here on a word counts as one that stands in its place. */
const standsFor = 0.6;

type Found = {
  /** For each sentence what of each word stands in it: 1, or less where a word is only like it. */
  bySentence: Float64Array[];
  /** Places of each word in the passage. */
  places: number[][];
};

/** Finds the words of a question in passages, and remembers which words are like them. */
const createFinder = (words: readonly QueryWord[]): ((passage: ReadPassage) => Found) => {
  const exact = new Map<string, number[]>();
  for (const [at, { variants }] of words.entries()) {
    for (const variant of variants) exact.set(variant, [...(exact.get(variant) ?? []), at]);
  }
  const alike = new Map<string, readonly (readonly [at: number, likeness: number])[]>();
  const likeWords = (folded: string): readonly (readonly [at: number, likeness: number])[] => {
    let found = alike.get(folded);
    if (!found) {
      found = words
        .map((word, at) => [at, word.fragment ? 0 : wordLikeness(word.folded, folded)] as const)
        .filter(([, likeness]) => likeness > 0);
      alike.set(folded, found);
    }
    return found;
  };
  return ({ sentences }) => {
    const places: number[][] = words.map(() => []);
    let place = 0;
    const bySentence = sentences.map((sentence) => {
      const credits = new Float64Array(words.length);
      for (const { terms, folded, kind } of sentence) {
        for (const term of terms) {
          place += 1;
          for (const at of exact.get(term) ?? []) {
            credits[at] = 1;
            places[at]?.push(place);
          }
        }
        if (kind !== 'word') continue;
        for (const [at, likeness] of likeWords(folded)) {
          // alike to the letter, but under another stem: as good as any other likeness
          if (likeness > (credits[at] ?? 0)) credits[at] = Math.min(likeness, 0.99);
          if (likeness >= standsFor) places[at]?.push(place);
        }
      }
      return credits;
    });
    return { bySentence, places };
  };
};

/** The share of the question's neighbours that follow each other in the passage, with one word between at most. */
const inOrder = (words: readonly QueryWord[], rarity: readonly number[], places: readonly number[][]): number => {
  let sum = 0;
  let all = 0;
  for (let at = 0; at + 1 < places.length; at++) {
    // pairs of characters overlap: where the one stands, the next follows
    if (words[at]?.fragment) continue;
    const weight = Math.min(rarity[at] ?? 0, rarity[at + 1] ?? 0);
    all += weight;
    const second = places[at + 1] ?? [];
    if (places[at]?.some((place) => second.some((other) => other > place && other - place <= 2))) sum += weight;
  }
  return all === 0 ? 0 : sum / all;
};
