import { languageOf } from './analyse-text.ts';
import type { LanguageAnalyser } from './language-analyser.ts';
import { english } from './languages/english.ts';
import { german } from './languages/german.ts';
import { spanish } from './languages/spanish.ts';
import { splitWords } from './split-words.ts';
import { wordTerms } from './word-terms.ts';

/** Words of a question that are looked up; a longer one says enough with its first ones. */
const maxQueryWords = 64;

/** Longer messages are cut for the search alone. */
const maxQueryCharacters = 4_000;

/** What a stop word weighs beside words that say something: it decides between passages that are level. */
const stopWordWeight = 0.1;

/**
 * A word of the question. Its variants are the terms it may be indexed under: a passage is stemmed as its own language
 * wants, which the question cannot know, so the question brings the stem of every language there is.
 */
export type QueryWord = {
  variants: string[];
  weight: number;
  stop: boolean;
  /** A pair of characters: it may straddle two words, so that its absence says little. */
  fragment: boolean;
};

/** The distinct words of a question, in its order. */
export const analyseQuery = (
  text: string,
  languages: readonly LanguageAnalyser[] = [english, german, spanish],
): QueryWord[] => {
  const words = splitWords(text.slice(0, maxQueryCharacters));
  const spoken = languageOf(words);
  const order = spoken ? [spoken, ...languages.filter((language) => language !== spoken)] : languages;
  const found = new Map<string, QueryWord>();
  for (const word of words) {
    const readings = order.map((language) => wordTerms(word, language));
    for (const [at, { term, stop }] of (readings[0] ?? []).entries()) {
      if (found.has(term)) continue;
      if (found.size >= maxQueryWords) return [...found.values()];
      const variants = new Set(readings.flatMap((reading) => reading[at]?.term ?? []));
      found.set(term, {
        variants: [...variants],
        weight: stop ? stopWordWeight : 1,
        stop,
        fragment: word.kind === 'pairs',
      });
    }
  }
  return [...found.values()];
};
