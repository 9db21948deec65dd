import { foldText } from './fold-text.ts';
import type { LanguageAnalyser } from './language-analyser.ts';
import { anyLanguage, detectLanguage, maxWordsRead } from './languages.ts';
import { english } from './languages/english.ts';
import { splitWords, type Word } from './split-words.ts';
import { type Term, wordTerms } from './word-terms.ts';

/** A text as it is indexed: its terms in order, under the stems of one language. */
export type AnalysedText = { language: LanguageAnalyser; terms: Term[] };

/** `language` is that of the surroundings, for texts too short to tell by themselves. */
export const analyseText = (text: string, language: LanguageAnalyser | null = null): AnalysedText => {
  const words = splitWords(text);
  const sure = languageOf(words, { isSure: true });
  const spoken = sure ?? language ?? languageOf(words) ?? likelyLanguage(words);
  return { language: spoken, terms: words.flatMap((word) => wordTerms(word, spoken)) };
};

/** What nothing gives away is taken for English where it is written in its letters: product names, titles, codes. */
const likelyLanguage = (words: readonly Word[]): LanguageAnalyser =>
  words.every((word) => /^[\p{Script=Latin}\P{L}]*$/u.test(word.text)) ? english : anyLanguage;

/** The terms of a text whose language is known. */
export const termsOf = (text: string, language: LanguageAnalyser): Term[] =>
  splitWords(text).flatMap((word) => wordTerms(word, language));

/** The language of a text by its stop words; null where it has none of them, or is not sure where that is asked for. */
export const languageOf = (words: readonly Word[], options: { isSure?: boolean } = {}): LanguageAnalyser | null =>
  detectLanguage(
    words.slice(0, maxWordsRead).map((word) => foldText(word.text)),
    options,
  );
