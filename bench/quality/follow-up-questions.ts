import { analyseQuery } from '../../server/src/core/knowledge/analyse-query.ts';
import type { Question } from './xquad-data.ts';

/** How somebody goes on with a word of another question. */
const goOn: Readonly<Record<string, (words: string) => string>> = {
  en: (words) => `And ${words}?`,
  es: (words) => `¿Y ${words}?`,
  de: (words) => `Und ${words}?`,
  zh: (words) => `那${words}呢？`,
};

export type Asked = Question;

/** Two questions of one conversation: a whole one, and what is left of another. */
export type FollowUp = { first: string; second: string; meant: Asked };

/** A word as it is written, with the terms it is found under; one of Chinese has several, and all of them count. */
type Word = { written: string; terms: string[][] };

const termsIn = (text: string, language: string): string[][] =>
  analyseQuery(text, [language])
    .filter(({ stop }) => !stop)
    .map(({ variants }) => variants);

const wordsOf = (text: string, language: string): Word[] =>
  [...new Intl.Segmenter(language, { granularity: 'word' }).segment(text)]
    .filter(({ isWordLike, segment }) => isWordLike && segment.length > 1)
    .map(({ segment }) => ({ written: segment, terms: termsIn(segment, language) }))
    .filter(({ terms }) => terms.length > 0);

/** The texts that hold a word. */
export type Holders = (word: Word) => ReadonlySet<number>;

export const holdersIn = (texts: readonly string[], language: string): Holders => {
  const known = new Map<string, Set<number>>();
  for (const [at, text] of texts.entries()) {
    // piece by piece, since a question is read for its first words only
    for (const piece of text.match(/[\s\S]{1,160}(?:\s|$)|[\s\S]{1,160}/gu) ?? []) {
      for (const term of termsIn(piece, language).flat()) {
        const holders = known.get(term);
        if (holders) holders.add(at);
        else known.set(term, new Set([at]));
      }
    }
  }
  const none: ReadonlySet<number> = new Set();
  return ({ terms }) =>
    terms
      .map((variants) => new Set(variants.flatMap((variant) => [...(known.get(variant) ?? none)])))
      .reduce((one, other) => one.intersection(other));
};

/** Words of a question that are not of the one before, rarest first. */
const ownWords = (
  first: Asked,
  second: Asked,
  { language, holders }: Reading,
): (Word & { heldBy: ReadonlySet<number> })[] => {
  const before = new Set(termsIn(first.text, language).flat());
  return wordsOf(second.text, language)
    .filter(({ terms }) => !terms.flat().some((term) => before.has(term)))
    .map((word) => ({ ...word, heldBy: holders(word) }))
    .toSorted((one, other) => one.heldBy.size - other.heldBy.size);
};

type Reading = { language: string; holders: Holders };

export type Cut = {
  /** What of the second question is left, of words that `right` allows: the rarest, or the commonest. */
  words: number;
  commonest?: boolean;
  right: (heldBy: ReadonlySet<number>, meant: Asked) => boolean;
};

/** Cuts the second question of each pair to words of its own; pairs with too few of them are left out. */
export const cutQuestions = (
  pairs: readonly (readonly [first: Asked, second: Asked])[],
  reading: Reading,
  { words, commonest, right }: Cut,
): FollowUp[] =>
  pairs.flatMap(([first, meant]) => {
    const own = ownWords(first, meant, reading).filter(({ heldBy }) => right(heldBy, meant));
    const kept = (commonest === true ? own.toReversed() : own).slice(0, words).map(({ written }) => written);
    if (kept.length < words) return [];
    const text = kept.join(reading.language === 'zh' ? '' : ' ');
    return [{ first: first.text, second: goOn[reading.language]?.(text) ?? text, meant }];
  });
