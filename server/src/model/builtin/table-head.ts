import type { QueryWord } from '../../core/knowledge/analyse-query.ts';
import { alone, type PickedSentence, stretchOf } from './picked-sentence.ts';
import { holdsWord, type PooledPassage, type PooledSentence } from './sentence-pool.ts';

/** True of the first row of a table, which names the columns of those below it. */
export const isTableHead = (sentences: readonly PooledSentence[], position: number): boolean =>
  isRowAt(sentences, position) && !isRowAt(sentences, position - 1) && isRowAt(sentences, position + 1);

const isRowAt = (sentences: readonly PooledSentence[], position: number): boolean =>
  sentences[position]?.isRow === true;

/** Rows of a table that have the most words of the question that its head lacks: the name of what is asked about. */
const namingRows = (
  head: PooledSentence,
  rows: readonly PooledSentence[],
  words: readonly QueryWord[],
): PooledSentence[] => {
  const lacking = words.filter((word) => !holdsWord(head, word));
  const counted = rows.map((row) => ({ row, count: lacking.filter((word) => holdsWord(row, word)).length }));
  const most = Math.max(1, ...counted.map(({ count }) => count));
  return counted.filter(({ count }) => count === most).map(({ row }) => row);
};

/**
 * The head of a table with the rows that name what is asked about, or, where none does, with the first ones; as many as there
 * is room for. Empty where there is room for none.
 */
export const headWithRows = (
  pooled: PooledPassage,
  head: PooledSentence,
  { words, room }: { words: readonly QueryWord[]; room: number },
): PickedSentence[] => {
  const rows: PooledSentence[] = [];
  for (let row = pooled.sentences[head.position + 1]; row?.isRow; row = pooled.sentences[row.position + 1])
    rows.push(row);
  const naming = namingRows(head, rows, words);
  if (naming.length > 0) {
    let left = room - head.wordCount;
    const fitting = naming.filter(({ wordCount }) => {
      if (wordCount > left) return false;
      left -= wordCount;
      return true;
    });
    // a row that is too long to be said with others is cut when it is said
    return [head, ...(fitting.length > 0 ? fitting : naming.slice(0, 1))].map(alone);
  }
  const last = rows.at(-1);
  const whole = last ? stretchOf(pooled, [head.position, last.position], room) : null;
  return whole ? [whole] : [];
};
