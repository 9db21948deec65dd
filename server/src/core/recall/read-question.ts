import { analyseQuery } from '../knowledge/analyse-query.ts';
import { foldText } from '../knowledge/fold-text.ts';
import { addressTerm } from './addressed-names.ts';
import { readTimeRange, type TimeRange } from './time-range.ts';
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

/** `before`: what the user had said before, or null. */
export const readQuestion = (text: string, { before, now }: { before: string | null; now: number }): RecallQuestion => {
  const words = tellingWords(text, 1);
  if (before !== null && words.length < enoughWords) {
    const known = new Set(words.flatMap(({ terms }) => terms));
    words.push(...tellingWords(before, beforeWeight).filter(({ terms }) => !terms.some((term) => known.has(term))));
  }
  const names = new Set([...text.matchAll(innerName)].map(([name]) => foldText(name)));
  return {
    words,
    names: [...names].slice(0, maxNames).map(addressTerm),
    aboutSelf: (foldText(text).match(/\p{L}+/gu) ?? []).some((word) => selfWords.has(word)),
    range: readTimeRange(text, now),
  };
};

const tellingWords = (text: string, weight: number): RecallWord[] =>
  analyseQuery(text)
    .filter(({ stop }) => !stop)
    .map((word) => ({ terms: [...new Set(word.variants.map(termHash))], weight: word.weight * weight }));
