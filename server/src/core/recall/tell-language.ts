import { languageOf } from '../knowledge/analyse-text.ts';
import type { LanguageAnalyser } from '../knowledge/language-analyser.ts';
import type { Word } from '../knowledge/split-words.ts';

/** The language of what somebody says, which is often too short to tell it: null then. */
export const tellLanguage = (words: readonly Word[]): LanguageAnalyser | null => languageOf(words, { isSure: true });
