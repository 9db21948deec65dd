/**
 * How a stretch of letters is divided into terms.
 *
 * - `word`: stands between spaces; a language analyser finds its stem.
 * - `pairs`: Chinese, Japanese, Korean: pairs of characters. Measured on XQuAD's Chinese questions, pairs put the right
 *   paragraph first far more often than whole runs do, and they need no dictionary to agree on where a word ends.
 * - `dictionary`: Thai, Lao, Khmer, Burmese: written without spaces; `Intl.Segmenter` knows their words.
 */
export type WordKind = 'word' | 'pairs' | 'dictionary';

/** A stretch of the text, with the offsets of its characters. */
export type Word = { text: string; start: number; end: number; kind: WordKind };

/**
 * Numbers with their separators; else letters, marks and digits with single joiners inside, so that `A-1234`, `e-mail`,
 * `U.S` and `l'eau` come as one.
 */
const wordPattern =
  /\p{N}+(?:[.,]\p{N}+)+(?![\p{L}\p{N}])|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:[-\u2010\u2011'’._/][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu;

/** The first character of the scripts that need more than spaces: Thai and everything behind it. */
const firstSpecial = /[\u0e00-\uffff]/;

const scriptRuns =
  /(?<pairs>[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー々〆]+)|(?<dictionary>[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+)|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー々〆\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;

/** Words in the order of the text. Punctuation, symbols and spaces are left out. */
export const splitWords = (text: string): Word[] => {
  const words: Word[] = [];
  for (const match of text.matchAll(wordPattern)) {
    const start = match.index;
    const [found] = match;
    if (!firstSpecial.test(found)) {
      words.push({ text: found, start, end: start + found.length, kind: 'word' });
      continue;
    }
    for (const run of found.matchAll(scriptRuns)) {
      const kind = run.groups?.pairs ? 'pairs' : run.groups?.dictionary ? 'dictionary' : 'word';
      const from = start + run.index;
      words.push({ text: run[0], start: from, end: from + run[0].length, kind });
    }
  }
  return words;
};
