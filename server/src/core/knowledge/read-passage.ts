import { WeighedCache } from '../../kit/weighed-cache.ts';
import { languageOf } from './analyse-text.ts';
import { foldText } from './fold-text.ts';
import type { LanguageAnalyser } from './language-analyser.ts';
import { anyLanguage } from './languages.ts';
import { splitSentences } from './split-sentences.ts';
import { splitWords, type Word, type WordKind } from './split-words.ts';
import { placelessTerms } from './word-terms.ts';

/** A word of a passage, in the forms in which a question may have it. */
export type PassageWord = {
  lower: string;
  folded: string;
  terms: readonly string[];
  kind: WordKind;
  /** Of its letters; made when they are first asked for. */
  runs: readonly string[] | null;
};

/** The words of a passage by sentence. */
export type ReadPassage = { sentences: readonly (readonly PassageWord[])[] };

/** Chunks are smaller; one without an end is judged by its beginning. */
const maxCharacters = 8_000;

/** What the passages that were read last may take: some 5,000 of 250 words. */
const maxReadBytes = 32_000_000;
const bytesOfWord = 16;
/** Nothing of a source that was deleted is kept for longer. */
const idleMs = 10 * 60_000;

/** By what was read, which tells a passage that was changed from what it was. */
const readBefore = new WeighedCache<string, ReadPassage>({ maxWeight: maxReadBytes, idleMs });

/**
 * Reads a passage as its index has read it, and keeps what the index does not: how words are written, and sentences.
 * `lead` is what stands above it, its title and headings: sentences of their own. One that many questions find is read
 * once.
 */
export const readPassage = (lead: string, text: string): ReadPassage => {
  const read = `${lead}\n${text.slice(0, maxCharacters)}`;
  const known = readBefore.get(read);
  if (known) return known;
  const words = splitWords(read);
  const passage = { sentences: bySentences(read, words) };
  readBefore.set(read, passage, 2 * read.length + bytesOfWord * words.length);
  return passage;
};

const bySentences = (read: string, words: readonly Word[]): PassageWord[][] => {
  const language = languageOf(words) ?? anyLanguage;
  const sentences = splitSentences(read);
  const bySentence: PassageWord[][] = sentences.map(() => []);
  let at = 0;
  for (const word of words) {
    while (at + 1 < sentences.length && word.start >= (sentences[at + 1]?.start ?? 0)) at++;
    bySentence[at]?.push(wordIn(word, language));
  }
  return bySentence;
};

/** Words that are kept with their forms: texts repeat them, and a look-up is ten times cheaper. Some 500 bytes each. */
const maxKnownWords = 20_000;
/** Longer stretches are runs of characters, which seldom come again. */
const maxKnownCharacters = 24;

const knownWords = new WeakMap<LanguageAnalyser, Map<string, PassageWord>>();

const wordIn = (word: Word, language: LanguageAnalyser): PassageWord => {
  if (word.text.length > maxKnownCharacters) return formsOf(word, language);
  let known = knownWords.get(language);
  if (!known) knownWords.set(language, (known = new Map()));
  let forms = known.get(word.text);
  if (!forms) {
    forms = formsOf(word, language);
    if (known.size >= maxKnownWords) known.clear();
    known.set(word.text, forms);
  }
  return forms;
};

const formsOf = (word: Word, language: LanguageAnalyser): PassageWord => ({
  lower: word.text.toLowerCase(),
  folded: foldText(word.text),
  terms: placelessTerms(word, language).map(({ term }) => term),
  kind: word.kind,
  runs: null,
});
