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
};

/** The words of a passage by sentence. */
export type ReadPassage = { sentences: readonly (readonly PassageWord[])[] };

/** Chunks are smaller; one without an end is judged by its beginning. */
const maxCharacters = 8_000;

/** What the passages that were read last may take: some 5,000 of 250 words that texts repeat. */
const maxReadBytes = 32_000_000;
/** As measured: what a word takes in a passage, and what it takes by itself with each of its terms. */
const bytesOfPlace = 16;
const bytesOfWord = 300;
const bytesOfTerm = 60;
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
  let bytes = 2 * read.length + bytesOfPlace * words.length;
  const passage = { sentences: bySentences(read, words, (made) => (bytes += bytesOf(made))) };
  readBefore.set(read, passage, bytes);
  return passage;
};

/** Whoever has a word first counts for it, since it may be the only one. */
const bytesOf = ({ terms }: PassageWord): number => bytesOfWord + bytesOfTerm * terms.length;

/** `onMade` is given the words that nobody has had before. */
const bySentences = (read: string, words: readonly Word[], onMade: (word: PassageWord) => void): PassageWord[][] => {
  const language = languageOf(words) ?? anyLanguage;
  const sentences = splitSentences(read);
  const bySentence: PassageWord[][] = sentences.map(() => []);
  let at = 0;
  for (const word of words) {
    while (at + 1 < sentences.length && word.start >= (sentences[at + 1]?.start ?? 0)) at++;
    bySentence[at]?.push(wordIn(word, language, onMade));
  }
  return bySentence;
};

/** Words that are kept with their forms: texts repeat them, and a look-up is ten times cheaper. Some 500 bytes each. */
const maxKnownWords = 20_000;
/** Longer stretches are runs of characters, which seldom come again. */
const maxKnownCharacters = 24;

const knownWords = new WeakMap<LanguageAnalyser, Map<string, PassageWord>>();

const wordIn = (word: Word, language: LanguageAnalyser, onMade: (word: PassageWord) => void): PassageWord => {
  const isShared = word.text.length <= maxKnownCharacters;
  let known = knownWords.get(language);
  if (!known) knownWords.set(language, (known = new Map()));
  const before = isShared ? known.get(word.text) : undefined;
  if (before) return before;
  const made = formsOf(word, language);
  onMade(made);
  if (!isShared) return made;
  if (known.size >= maxKnownWords) known.clear();
  known.set(word.text, made);
  return made;
};

const formsOf = (word: Word, language: LanguageAnalyser): PassageWord => ({
  lower: word.text.toLowerCase(),
  folded: foldText(word.text),
  terms: placelessTerms(word, language).map(({ term }) => term),
  kind: word.kind,
});
