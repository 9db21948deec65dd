import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { analyseText, termsOf } from '../../core/knowledge/analyse-text.ts';
import { type Sentence, splitSentences } from '../../core/knowledge/split-sentences.ts';
import type { ContextPassage } from '../../core/turn/context.ts';

/** A sentence of a passage with the terms that stand in it. */
export type PooledSentence = {
  passage: ContextPassage;
  /** Its place in the passage, from 0. */
  position: number;
  /** Its offsets in the text of the passage. */
  start: number;
  end: number;
  isItem: boolean;
  /** Of a table, its head among them. */
  isRow: boolean;
  /** False where another one stands before it on its line. */
  startsLine: boolean;
  /** Without the mark of an item, but for its number. */
  text: string;
  wordCount: number;
  /** Places of each term among the sentence's terms. */
  terms: ReadonlyMap<string, readonly number[]>;
};

export type PooledPassage = {
  passage: ContextPassage;
  /** BCP 47, of its text. */
  language: string;
  sentences: readonly PooledSentence[];
  /** Terms of its title and headings. */
  above: ReadonlySet<string>;
};

/** Passages read, best first: a builtin answer rests on the first few anyway. */
const maxPassages = 12;
/** Characters of a passage that are read; chunks are much smaller. */
const maxPassageCharacters = 8_000;

/** What makes a sentence the item of a list, and nothing where it stands alone. */
const listMark = /^[-*•–] +/;
/** It may be a date as well, so it stays. */
const listNumber = /^\d{1,3}[.)] +/;
/** The same, where the sentence is taken to end behind it. */
const bareNumber = /^\d{1,3}[.)]$/;

/** Stands between the cells of a row. */
const cellBreak = ' | ';

/** The sentences an answer may be taken from. */
export const poolSentences = (passages: readonly ContextPassage[]): PooledPassage[] =>
  passages.slice(0, maxPassages).map((passage) => {
    const text = passage.text.slice(0, maxPassageCharacters);
    const { language } = analyseText(text);
    const above = termsOf([passage.title, ...passage.headings].join('\n'), language);
    const rows = rowStarts(text);
    const sentences = withWholeLines(text, splitSentences(text), rows).map((sentence, position) => {
      const said = sentence.text.replace(listMark, '');
      const isFirst = startsLine(text, sentence);
      const isItem = said !== sentence.text || (listNumber.test(said) && isFirst);
      const terms = new Map<string, number[]>();
      for (const [at, { term }] of termsOf(said, language).entries()) {
        const places = terms.get(term);
        if (places) places.push(at);
        else terms.set(term, [at]);
      }
      const { start, end } = sentence;
      return {
        passage,
        position,
        start,
        end,
        isItem,
        isRow: rows.has(lineStart(text, sentence)),
        startsLine: isFirst,
        text: said,
        wordCount: countWords(said),
        terms,
      };
    });
    return { passage, language: language.language, sentences, above: new Set(above.map(({ term }) => term)) };
  });

const startsLine = (text: string, { start }: Sentence): boolean => /(?:^|\n)\s*$/.test(text.slice(0, start).slice(-40));

/** The number of an item belongs to its first sentence, and a row of a table is one, whatever its cells say. */
const withWholeLines = (text: string, sentences: readonly Sentence[], rows: ReadonlySet<number>): Sentence[] => {
  const joined: Sentence[] = [];
  for (const sentence of sentences) {
    const before = joined.at(-1);
    if (
      before &&
      !text.slice(before.end, sentence.start).includes('\n') &&
      ((bareNumber.test(before.text) && startsLine(text, before)) || rows.has(lineStart(text, sentence)))
    ) {
      const { start } = before;
      joined.splice(-1, 1, { text: text.slice(start, sentence.end), start, end: sentence.end });
    } else joined.push(sentence);
  }
  return joined;
};

const lineStart = (text: string, { start }: Sentence): number => text.lastIndexOf('\n', start) + 1;

/**
 * Offsets of the lines that are rows: those that have cells, as has the line right above or below. One alone is a sentence,
 * as a command with a pipe, or two numbers of a telephone.
 */
const rowStarts = (text: string): ReadonlySet<number> => {
  const lines = text.split('\n');
  const starts = new Set<number>();
  let start = 0;
  for (const [at, line] of lines.entries()) {
    if (hasCells(line) && (hasCells(lines[at - 1]) || hasCells(lines[at + 1]))) starts.add(start);
    start += line.length + 1;
  }
  return starts;
};

const hasCells = (line: string | undefined): boolean => line?.includes(cellBreak) === true;

export const holdsWord = (sentence: PooledSentence, { variants }: QueryWord): boolean =>
  variants.some((variant) => sentence.terms.has(variant));

/** Words as a reader counts them; in scripts without spaces two characters count as one. */
export const countWords = (text: string): number => {
  const spaced = text.match(/[^\s\u3040-\u30ff\u3400-\u9fff]+/g)?.length ?? 0;
  const unspaced = text.match(/[\u3040-\u30ff\u3400-\u9fff]/g)?.length ?? 0;
  return spaced + Math.ceil(unspaced / 2);
};
