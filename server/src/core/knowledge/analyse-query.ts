import { languageOf } from './analyse-text.ts';
import { foldText } from './fold-text.ts';
import type { LanguageAnalyser } from './language-analyser.ts';
import { anyLanguage, languageNamed } from './languages.ts';
import { splitWords, type Word } from './split-words.ts';
import { wordTerms } from './word-terms.ts';

/** Words of a question that are looked up; a longer one says enough with its first ones. */
const maxQueryWords = 64;

/** Longer messages are cut for the search alone. */
const maxQueryCharacters = 4_000;

/** What a stop word weighs beside words that say something: it decides between passages that are level. */
const stopWordWeight = 0.1;

/** Languages of a knowledge base whose stems are looked up: of one with more, a word has too many variants. */
const maxLanguages = 8;

/** A capital at the beginning, or a digit anywhere. */
const nameOrNumber = /^\p{Lu}|\p{N}/u;

/** What is searched where nothing says what languages there are. */
const commonLanguages = ['en', 'de', 'es', 'und'];

/**
 * A word of the question. Its variants are the terms it may be indexed under: a passage is stemmed as its own language
 * wants, which the question cannot know, so the question brings the stem of every language that there is to find.
 */
export type QueryWord = {
  variants: string[];
  /** As it is written, folded. */
  folded: string;
  weight: number;
  stop: boolean;
  /** A pair of characters: it may straddle two words, so that its absence says little. */
  fragment: boolean;
  /** A number, or written with a capital where no sentence begins: who asks for a name means that and nothing else. */
  name: boolean;
};

/** The distinct words of a question, in its order. `languages`: of the texts that are searched. */
export const analyseQuery = (text: string, languages: readonly string[] = commonLanguages): QueryWord[] => {
  const words = splitWords(text.slice(0, maxQueryCharacters));
  const order = readingsFor(spokenIn(words, languages), languages);
  const found = new Map<string, QueryWord>();
  for (const [place, word] of words.entries()) {
    const readings = order.map((language) => wordTerms(word, language));
    const [first = []] = readings;
    for (const [at, { term, stop }] of first.entries()) {
      if (found.has(term)) continue;
      if (found.size >= maxQueryWords) return [...found.values()];
      const variants = new Set(readings.flatMap((reading) => reading[at]?.term ?? []));
      found.set(term, {
        variants: [...variants],
        folded: first.length === 1 ? foldText(word.text) : term,
        weight: stop ? stopWordWeight : 1,
        stop,
        fragment: word.kind === 'pairs',
        name: place > 0 && nameOrNumber.test(word.text),
      });
    }
  }
  return [...found.values()];
};

/** A language that one stop word alone speaks for is believed where there is something to find in it. */
const spokenIn = (words: readonly Word[], languages: readonly string[]): LanguageAnalyser | null => {
  const sure = languageOf(words, { isSure: true });
  if (sure) return sure;
  const likely = languageOf(words);
  return likely && languages.includes(likely.language) ? likely : null;
};

/** The question's own language first, since it knows its stop words. */
const readingsFor = (spoken: LanguageAnalyser | null, languages: readonly string[]): LanguageAnalyser[] => {
  const named = languages.slice(0, maxLanguages).map((language) => languageNamed(language));
  return [...new Set([...(spoken ? [spoken] : []), ...named, ...(spoken || named.length > 0 ? [] : [anyLanguage])])];
};
