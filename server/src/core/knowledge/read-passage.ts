import { languageOf } from './analyse-text.ts';
import { foldText } from './fold-text.ts';
import { anyLanguage } from './languages.ts';
import { splitSentences } from './split-sentences.ts';
import { splitWords, type WordKind } from './split-words.ts';
import { wordTerms } from './word-terms.ts';

/** A word of a passage, in the forms in which a question may have it. */
export type PassageWord = { lower: string; folded: string; terms: readonly string[]; kind: WordKind };

/** The words of a passage by sentence. */
export type ReadPassage = { sentences: readonly (readonly PassageWord[])[] };

/** Chunks are smaller; one without an end is judged by its beginning. */
const maxCharacters = 8_000;

/**
 * Reads a passage as its index has read it, and keeps what the index does not: how words are written, and sentences.
 * `lead` is what stands above it, its title and headings: sentences of their own.
 */
export const readPassage = (lead: string, text: string): ReadPassage => {
  const read = `${lead}\n${text.slice(0, maxCharacters)}`;
  const words = splitWords(read);
  const language = languageOf(words) ?? anyLanguage;
  const sentences = splitSentences(read);
  const bySentence: PassageWord[][] = sentences.map(() => []);
  let at = 0;
  for (const word of words) {
    while (at + 1 < sentences.length && word.start >= (sentences[at + 1]?.start ?? 0)) at++;
    bySentence[at]?.push({
      lower: word.text.toLowerCase(),
      folded: foldText(word.text),
      terms: wordTerms(word, language).map(({ term }) => term),
      kind: word.kind,
    });
  }
  return { sentences: bySentence };
};
