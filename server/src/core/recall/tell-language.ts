import { languageOf } from '../knowledge/analyse-text.ts';
import { foldText } from '../knowledge/fold-text.ts';
import type { LanguageAnalyser } from '../knowledge/language-analyser.ts';
import type { Word } from '../knowledge/split-words.ts';

/** One alone may be a word of another language: `dog` is a stop word of Danish. */
const minStopWords = 2;
const maxWordsRead = 400;

/** The language of what somebody says, which is often too short to tell it: null then. */
export const tellLanguage = (words: readonly Word[]): LanguageAnalyser | null => {
  const spoken = languageOf(words);
  if (!spoken) return null;
  const heard = new Set(words.slice(0, maxWordsRead).map(({ text }) => foldText(text)));
  let telling = 0;
  for (const word of heard) if (spoken.stopWords.has(word)) telling += 1;
  return telling >= minStopWords ? spoken : null;
};
