import { foldText } from './fold-text.ts';
import type { LanguageAnalyser } from './language-analyser.ts';
import type { Word } from './split-words.ts';

/** Longer "words" are data (hashes, base64): their beginning tells them apart well enough. */
const maxTermCharacters = 64;
/** What is folded of such a word: with accents in characters of their own, and blank strokes, as much holds the beginning. */
const maxFoldedCharacters = 16 * maxTermCharacters;

/** One word of a text as the index knows it; a word with joiners, or a run of Chinese, gives several. */
export type Term = {
  term: string;
  /** Offsets of the word in the text. */
  start: number;
  end: number;
  /** True for a stop word of the language. */
  stop: boolean;
};

const digit = /\p{N}/u;
const joiner = /[-\u2010\u2011'’._/]/u;
const groupedNumber = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;

/**
 * The terms of one word. Codes are kept whole, without regard to their joiners (`A-1234` meets `a1234`), and in parts
 * (so that `1234` alone is found); `1,000` meets `1000`, and `U.S.` meets `US`.
 */
export const wordTerms = (word: Word, language: LanguageAnalyser): Term[] => {
  if (word.kind === 'pairs') return characterPairs(word);
  const { start, end } = word;
  return placelessTerms(word, language).map(({ term, stop }) => ({ term, start, end, stop }));
};

/** The terms of one word for those who need no places: of most words nothing is made. */
export const placelessTerms = (word: Word, language: LanguageAnalyser): readonly PlainTerm[] => {
  switch (word.kind) {
    case 'pairs':
      return characterPairs(word);
    case 'dictionary':
      return dictionaryWords(word).map((term) => ({ term, stop: false }));
    case 'word':
      return knownTerms(word.text, language);
  }
};

type PlainTerm = Pick<Term, 'term' | 'stop'>;

/** Words whose terms are kept: texts repeat their words, and a look-up is fifty times cheaper than stemming. */
const maxKnownWords = 20_000;

const knownWords = new WeakMap<LanguageAnalyser, Map<string, readonly PlainTerm[]>>();

const knownTerms = (text: string, language: LanguageAnalyser): readonly PlainTerm[] => {
  if (text.length > maxTermCharacters) return joinedWordTerms(text, language);
  let known = knownWords.get(language);
  if (!known) knownWords.set(language, (known = new Map()));
  let terms = known.get(text);
  if (!terms) {
    terms = joinedWordTerms(text, language);
    if (known.size >= maxKnownWords) known.clear();
    known.set(text, terms);
  }
  return terms;
};

const joinedWordTerms = (text: string, language: LanguageAnalyser): PlainTerm[] => {
  if (groupedNumber.test(text)) return [{ term: text.replaceAll(',', ''), stop: false }];
  const folded = foldText(text.slice(0, maxFoldedCharacters)).slice(0, maxTermCharacters);
  if (!joiner.test(folded)) return [plainTerm(folded, language)];
  if (/^\d+(?:[.]\d+)*$/.test(folded)) return [{ term: folded, stop: false }];
  const parts = folded.split(joiner).filter((part) => part !== '');
  const whole = { term: parts.join(''), stop: false };
  if (parts.every((part) => part.length === 1)) return [whole];
  const terms = parts.filter((part) => part.length > 1 || digit.test(part)).map((part) => plainTerm(part, language));
  const isCode = digit.test(folded) || (parts.some((part) => part.length === 1) && !/['’]/.test(folded));
  return isCode ? [whole, ...terms] : terms;
};

/** What holds a digit is a code or an amount, which no stemmer knows. */
const plainTerm = (folded: string, language: LanguageAnalyser): PlainTerm => {
  if (digit.test(folded)) return { term: folded, stop: false };
  return language.stopWords.has(folded) ? { term: folded, stop: true } : { term: language.stem(folded), stop: false };
};

/** Pairs of neighbouring characters; a lone one stands for itself. */
const characterPairs = (word: Word): Term[] => {
  const characters = Array.from(foldText(word.text));
  if (characters.length === 1) return [{ term: characters[0] ?? '', start: word.start, end: word.end, stop: false }];
  const terms: Term[] = [];
  let start = word.start;
  for (let at = 0; at + 1 < characters.length; at++) {
    const first = characters[at] ?? '';
    const second = characters[at + 1] ?? '';
    terms.push({ term: first + second, start, end: start + first.length + second.length, stop: false });
    start += first.length;
  }
  return terms;
};

const segmenter = new Intl.Segmenter('th', { granularity: 'word' });

const dictionaryWords = (word: Word): string[] =>
  Array.from(segmenter.segment(foldText(word.text)), ({ segment }) => segment.slice(0, maxTermCharacters));
