import type { QueryWord } from './analyse-query.ts';
import { earlierWeight } from './follow-up.ts';
import { foldText } from './fold-text.ts';
import { type AskedWord, createRunFinder } from './letter-runs.ts';
import { rarityAmong, weightOf } from './rarity-among.ts';
import type { PassageWord, ReadPassage } from './read-passage.ts';
import { splitWords } from './split-words.ts';
import { wordLikeness } from './word-likeness.ts';

/**
 * Judges the few passages that the index put first by what the index does not hold: which of the question's words stand
 * together in a sentence, how they are written, what is only like them, and what tells these few passages apart.
 */

/**
 * What each sign adds to the share of an ideal passage. Found by a listwise fit on the questions of XQuAD in twelve
 * languages; fitted without a language and without a quarter of the articles, the rest are found as well (docs/quality.md).
 * None needs to be exact.
 */
const weights = {
  /** The share of the question, by weight, that the best sentence holds. */
  sentence: 0.4,
  /** The same, where it is worth more in a short sentence. */
  brevity: 0.6,
  /** What words of the passage are like words of the question that it does not hold. */
  likeness: 0.6,
  /** Names and numbers. */
  names: 0.3,
  /** Runs of letters in two sentences that follow each other, the rarer among the passages the more. */
  runs: 1.1,
  /** Pairs of words as they are written, the small ones too, the rarer among the passages the more. */
  wording: 0.8,
  /** Words as they are written, accents and all. */
  spelling: 0.3,
};

/** A sentence of so many words is short; from here on its worth falls with the root of its length. */
const shortWords = 8;

/** The question, ready for any number of passages. */
export type Rescoring = {
  words: readonly QueryWord[];
  /** What each word tells, by its rarity. */
  rarity: readonly number[];
  text: string;
  /** What the question leans on; it counts for less. */
  earlier?: string;
  /** Those that are compared: a sign that all of them hold tells nothing. */
  passages: readonly ReadPassage[];
};

/**
 * Judges a passage, from 0 up, comparable between passages of one question; `share` is what the index gave it, as a part
 * of an ideal one.
 */
export const createRescorer = ({
  words,
  rarity,
  text,
  earlier = '',
  passages,
}: Rescoring): ((passage: ReadPassage, share: number) => number) => {
  const asked = [...askedWords(text, 1), ...askedWords(earlier, earlierWeight)];
  const spellingOf = createSpellingJudge(asked);
  const find = createFinder(words);
  const runsIn = createRunJudge(asked, passages);
  const wordingOf = createWordingJudge(asked, passages);
  const weigh = weigherBy(rarity);
  const weighNames = words.some(({ name }) => name)
    ? weigherBy(rarity.map((weight, at) => (words[at]?.name ? weight : 0)))
    : weigh;
  return (passage, share) => {
    const bySentence = find(passage);
    const all = bySentence.reduce((one, other) => larger(one, other), new Float64Array(words.length));
    const held = bySentence.map((credits) => weigh(credits));
    const brief = held.map(
      (part, at) => part * Math.sqrt(shortWords / Math.max(shortWords, passage.sentences[at]?.length ?? 0)),
    );
    const likeness = weigh(all) - weigh(all.map((credit) => (credit === 1 ? 1 : 0)));
    return (
      share +
      weights.sentence * Math.max(0, ...held) +
      weights.brevity * Math.max(0, ...brief) +
      weights.likeness * likeness +
      weights.names * weighNames(all) +
      weights.runs * runsIn(passage) +
      weights.wording * wordingOf(passage) +
      weights.spelling * spellingOf(passage)
    );
  };
};

/** The part of a weight that is held, 0 to 1; 0 where there is none. */
const weigherBy = (parts: readonly number[]): ((credits: Float64Array) => number) => {
  const total = parts.reduce((sum, part) => sum + part, 0) || 1;
  return (credits) => {
    let sum = 0;
    for (let at = 0; at < credits.length; at++) sum += (credits[at] ?? 0) * (parts[at] ?? 0);
    return sum / total;
  };
};

/** How much of the question's runs of letters the best two sentences in a row hold. */
const createRunJudge = (
  asked: readonly AskedWord[],
  passages: readonly ReadPassage[],
): ((passage: ReadPassage) => number) => {
  const finder = createRunFinder(asked);
  const known = new Map(passages.map((passage) => [passage, finder.find(passage)]));
  const whole = [...known.values()].map((sentences) => new Set(sentences.flatMap((runs) => [...runs])));
  const parts = rarityAmong(whole, finder.parts);
  return (passage) => {
    const sentences = known.get(passage) ?? finder.find(passage);
    return Math.max(
      0,
      ...sentences.map((runs, at) => weightOf(new Set([...(sentences[at - 1] ?? []), ...runs]), parts)),
    );
  };
};

/** How much of the question's pairs of neighbouring words a passage holds. */
const createWordingJudge = (
  asked: readonly AskedWord[],
  passages: readonly ReadPassage[],
): ((passage: ReadPassage) => number) => {
  const wordings = new Map<string, number>();
  for (const part of new Set(asked.map((word) => word.part))) {
    const words = asked.filter((word) => word.part === part);
    for (const pair of pairsOf(words.flatMap((word) => surfaces(word.kind, foldText(word.text))))) {
      if (!wordings.has(pair)) wordings.set(pair, part);
    }
  }
  const find = pairFinder([...wordings.keys()]);
  const known = new Map(passages.map((passage) => [passage, find(passage)]));
  const parts = rarityAmong([...known.values()], [...wordings.values()]);
  return (passage) => weightOf(known.get(passage) ?? find(passage), parts);
};

/** Finds the numbers of the pairs that a passage holds, by their first words. */
const pairFinder = (pairs: readonly string[]): ((passage: ReadPassage) => Set<number>) => {
  const behind = new Map<string, Map<string, number>>();
  for (const [number, pair] of pairs.entries()) {
    const [first = '', second = ''] = pair.split(' ');
    const known = behind.get(first);
    if (known) known.set(second, number);
    else behind.set(first, new Map([[second, number]]));
  }
  return ({ sentences }) => {
    const found = new Set<number>();
    let next: ReadonlyMap<string, number> | undefined;
    const read = (surface: string): void => {
      const number = next?.get(surface);
      if (number !== undefined) found.add(number);
      next = behind.get(surface);
    };
    for (const sentence of sentences) {
      for (const { kind, folded } of sentence) {
        if (kind === 'pairs') for (const character of folded) read(character);
        else read(folded);
      }
    }
    return found;
  };
};

/** How many of the question's words stand in a passage as they are written. */
const createSpellingJudge = (asked: readonly AskedWord[]): ((passage: ReadPassage) => number) => {
  const spellings = new Map(asked.toReversed().map(({ text, part }) => [text.toLowerCase(), part]));
  const total = spellings.values().reduce((sum, part) => sum + part, 0) || 1;
  return ({ sentences }) => {
    const present = new Set<string>();
    for (const sentence of sentences) for (const { lower } of sentence) if (spellings.has(lower)) present.add(lower);
    let sum = 0;
    for (const [spelling, part] of spellings) if (present.has(spelling)) sum += part;
    return sum / total;
  };
};

const askedWords = (text: string, part: number): AskedWord[] => splitWords(text).map((word) => ({ ...word, part }));

const surfaces = (kind: PassageWord['kind'], folded: string): string[] =>
  kind === 'pairs' ? Array.from(folded) : [folded];

const pairsOf = (surface: readonly string[]): string[] => surface.slice(1).map((word, at) => `${surface[at]} ${word}`);

const larger = (one: Float64Array, other: Float64Array): Float64Array =>
  one.map((value, at) => Math.max(value, other[at] ?? 0));

/** What a word of a passage is worth for some words of a question. */
type Credit = readonly [at: number, credit: number];

const noCredits: readonly Credit[] = [];
const noPlaces: readonly number[] = [];
/** Alike to the letter, but under another stem: as good as any other likeness. */
const mostOfLikeness = 0.99;

/**
 * Finds for each sentence of a passage what of each word of a question stands in it: 1, or less where a word is only like
 * it. Passages share their words, and each is compared once.
 */
const createFinder = (words: readonly QueryWord[]): ((passage: ReadPassage) => Float64Array[]) => {
  const exact = new Map<string, number[]>();
  for (const [at, { variants }] of words.entries()) {
    for (const variant of variants) exact.set(variant, [...(exact.get(variant) ?? []), at]);
  }
  // most words are like none of the question's: nothing is made for those
  const compare = ({ terms, folded, kind }: PassageWord): readonly Credit[] => {
    let credits: Credit[] | null = null;
    for (const term of terms) for (const at of exact.get(term) ?? noPlaces) (credits ??= []).push([at, 1]);
    if (kind !== 'word') return credits ?? noCredits;
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      const likeness = word.fragment ? 0 : wordLikeness(word.folded, folded);
      if (likeness > 0) (credits ??= []).push([at, Math.min(likeness, mostOfLikeness)]);
    }
    return credits ?? noCredits;
  };
  const known = new Map<PassageWord, readonly Credit[]>();
  const creditsOf = (word: PassageWord): readonly Credit[] => {
    let credits = known.get(word);
    if (!credits) known.set(word, (credits = compare(word)));
    return credits;
  };
  return ({ sentences }) =>
    sentences.map((sentence) => {
      const held = new Float64Array(words.length);
      for (const word of sentence) {
        for (const [at, credit] of creditsOf(word)) if (credit > (held[at] ?? 0)) held[at] = credit;
      }
      return held;
    });
};
