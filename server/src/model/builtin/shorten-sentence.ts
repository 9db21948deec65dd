import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { analyseText } from '../../core/knowledge/analyse-text.ts';
import type { Term } from '../../core/knowledge/word-terms.ts';
import { countWords, type PooledSentence } from './sentence-pool.ts';

/** Characters of a word and its space, about; two of a script without spaces make a word. */
const charactersPerWord = { spaced: 6, unspaced: 2 };

/** The words looked for stand in this middle part of what is shown, so that something stands around them. */
const innerShare = 0.7;

/**
 * A sentence, or the part of it around the question's words where it is longer than `maxWords`, with `…` at the cut
 * ends: lists and tables are one endless sentence.
 */
export const shortenSentence = (sentence: PooledSentence, words: readonly QueryWord[], maxWords: number): string => {
  if (sentence.wordCount <= maxWords) return sentence.text;
  const { text } = sentence;
  const spaced = countWords(text.slice(0, 400)) < text.slice(0, 400).length / 3;
  const room = maxWords * (spaced ? charactersPerWord.spaced : charactersPerWord.unspaced) - 20;
  const wanted = new Set(words.flatMap((word) => word.variants));
  const hits = analyseText(text).terms.filter(({ term }) => wanted.has(term));
  const middle = densestPlace(hits, room * innerShare);
  const from = Math.max(0, Math.min(middle - Math.floor(room / 2), text.length - room));
  const start = from === 0 ? 0 : nextBreak(text, from);
  const end = from + room >= text.length ? text.length : lastBreak(text, from + room);
  return `${start > 0 ? '… ' : ''}${text.slice(start, end).trim()}${end < text.length ? ' …' : ''}`;
};

/**
 * The middle of the stretch of `room` characters that holds the most of the different words, of which one that stands
 * everywhere counts little; the first of several.
 */
const densestPlace = (hits: readonly Term[], room: number): number => {
  const everywhere = countTerms(hits);
  const inside = new Map<string, number>();
  let weight = 0;
  let best = { weight: 0, middle: 0 };
  let first = 0;
  const change = ({ term }: Term, by: 1 | -1): void => {
    const count = (inside.get(term) ?? 0) + by;
    inside.set(term, count);
    if (count === Math.max(0, by)) weight += by / (everywhere.get(term) ?? 1);
  };
  for (const hit of hits) {
    change(hit, 1);
    for (let left = hits[first]; left && hit.end - left.start > room; left = hits[++first]) change(left, -1);
    const start = hits[first]?.start ?? hit.start;
    if (weight > best.weight) best = { weight, middle: Math.floor((start + hit.end) / 2) };
  }
  return best.middle;
};

const countTerms = (hits: readonly Term[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { term } of hits) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
};

const nextBreak = (text: string, at: number): number => {
  const space = text.slice(at, at + 40).search(/\s/);
  return space < 0 ? at : at + space + 1;
};

const lastBreak = (text: string, at: number): number => {
  const space = text.lastIndexOf(' ', at);
  return space > at - 40 ? space : at;
};
