import { foldText } from '../knowledge/fold-text.ts';
import { languageNamed } from '../knowledge/languages.ts';
import { type CourtesyKind, readCourtesies, withoutCourtesies } from '../knowledge/read-courtesies.ts';
import { splitWords, type Word } from '../knowledge/split-words.ts';
import { placelessTerms } from '../knowledge/word-terms.ts';
import { addressTerm } from './addressed-names.ts';
import { isThisDay, saysNothing } from './small-talk.ts';
import { readTimeRange, type TimeRange } from './time-range.ts';
import { tellLanguage } from './tell-language.ts';
import { termHash } from './term-hash.ts';

/** A word of the question: the terms it may be indexed under. */
export type RecallWord = { terms: number[]; weight: number };

/** What is asked, as ranking needs it. */
export type RecallQuestion = {
  words: RecallWord[];
  /** Capitalised words, as terms of somebody who is spoken to. */
  names: number[];
  /** True where it is about who asks. */
  aboutSelf: boolean;
  /** The days it speaks of. */
  range: TimeRange | null;
};

/** Words of a question that are looked up, and characters in which they are sought. */
const maxWords = 64;
const maxReadCharacters = 4_000;
/** Under whose stems a word is sought too; the first says what a stop word is where the question's language is not told. */
const commonLanguages = ['en', 'de', 'es', 'und'];

/** Courtesies on which nothing bears; a bare yes may be one to what was said before. */
const idleKinds = new Set<CourtesyKind>(['greetings', 'goodbyes', 'thanks']);

/** A word of the message before, for a question that says little by itself. */
const beforeWeight = 0.4;
/** With so many words that say something a question stands for itself. */
const enoughWords = 3;
const maxNames = 8;

const innerName = /(?<=\p{L}[,]? )\p{Lu}[\p{L}\p{M}]+/gu;

/** "I", "my" and their like, folded, in the languages that search has analysers for, and some neighbours. */
const selfWords = new Set(
  'i me my mine myself ich mir mich mein meine meinen meinem meiner yo mi mis mio mia conmigo je moi mon mes eu meu minha io mio'.split(
    ' ',
  ),
);

/** What was said, and the words of it that are no courtesies. */
export type HeardQuestion = { text: string; said: readonly Word[] };

/** Null for small talk, on which nothing bears. Costs a fraction of `understand`. */
export const hear = (text: string): HeardQuestion | null => {
  const { rest, phrases } = readCourtesies(text);
  const said = splitWords(rest.slice(0, maxReadCharacters));
  const isIdle = phrases.flat().some(({ kind }) => idleKinds.has(kind)) && saysNothing(said);
  return isIdle ? null : { text, said };
};

/** `before`: what the user had said before, or null. Null where nothing said bears on it. */
export const understand = (
  { text, said }: HeardQuestion,
  { before, now }: { before: string | null; now: number },
): RecallQuestion | null => {
  const words = tellingWords(said, 1);
  if (before !== null && words.length < enoughWords) {
    const known = new Set(words.flatMap(({ terms }) => terms));
    const saidBefore = splitWords(withoutCourtesies(before).slice(0, maxReadCharacters));
    words.push(...tellingWords(saidBefore, beforeWeight).filter(({ terms }) => !terms.some((term) => known.has(term))));
  }
  const range = readTimeRange(text, now);
  if (words.length === 0 && range === null) return null;
  const names = new Set([...text.matchAll(innerName)].map(([name]) => foldText(name)));
  return {
    words,
    names: [...names].slice(0, maxNames).map(addressTerm),
    aboutSelf: (foldText(text).match(/\p{L}+/gu) ?? []).some((word) => selfWords.has(word)),
    range,
  };
};

/** The distinct words that tell something and are no stop words, each under the stems of its language and of those that are most common. */
const tellingWords = (words: readonly Word[], weight: number): RecallWord[] => {
  const common = commonLanguages.map((language) => languageNamed(language));
  const spoken = tellLanguage(words);
  const order = [...new Set([...(spoken ? [spoken] : []), ...common])];
  const found = new Map<string, RecallWord>();
  for (const word of words) {
    if (isThisDay(foldText(word.text))) continue;
    const readings = order.map((language) => placelessTerms(word, language));
    for (const [at, { term, stop }] of (readings[0] ?? []).entries()) {
      if (stop || found.has(term)) continue;
      if (found.size === maxWords) return [...found.values()];
      const variants = readings.flatMap((reading) => reading[at]?.term ?? []);
      found.set(term, { terms: [...new Set(variants.map(termHash))], weight });
    }
  }
  return [...found.values()];
};
