import type { LanguageAnalyser } from './language-analyser.ts';
import { english } from './languages/english.ts';
import { german } from './languages/german.ts';
import { spanish } from './languages/spanish.ts';

/** Languages with an analyser. The first serves words of texts whose language nothing gives away. */
export const languages: readonly [LanguageAnalyser, ...LanguageAnalyser[]] = [english, german, spanish];

/** Enough of a text to tell its language; more changes nothing. */
const maxWordsRead = 400;

/**
 * The language whose stop words stand in the text most often, by its folded words; null where there are none, or two
 * languages are level.
 */
export const detectLanguage = (foldedWords: readonly string[]): LanguageAnalyser | null => {
  const sample = foldedWords.slice(0, maxWordsRead);
  let best: LanguageAnalyser | null = null;
  let bestCount = 0;
  for (const language of languages) {
    const count = sample.reduce((sum, word) => sum + (language.stopWords.has(word) ? 1 : 0), 0);
    if (count > bestCount) [best, bestCount] = [language, count];
    else if (count === bestCount) best = null;
  }
  return best;
};
