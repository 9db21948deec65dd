import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { analyseText } from '../../core/knowledge/analyse-text.ts';
import { countWords, type PooledSentence } from './sentence-pool.ts';

/** Characters of a word and its space, about; two of a script without spaces make a word. */
const charactersPerWord = { spaced: 6, unspaced: 2 };

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
  const middle = hits.at(Math.floor(hits.length / 2))?.start ?? 0;
  const from = Math.max(0, Math.min(middle - Math.floor(room / 2), text.length - room));
  const start = from === 0 ? 0 : nextBreak(text, from);
  const end = from + room >= text.length ? text.length : lastBreak(text, from + room);
  return `${start > 0 ? '… ' : ''}${text.slice(start, end).trim()}${end < text.length ? ' …' : ''}`;
};

const nextBreak = (text: string, at: number): number => {
  const space = text.slice(at, at + 40).search(/\s/);
  return space < 0 ? at : at + space + 1;
};

const lastBreak = (text: string, at: number): number => {
  const space = text.lastIndexOf(' ', at);
  return space > at - 40 ? space : at;
};
