import { alone, type PickedSentence } from './picked-sentence.ts';
import { countWords, type PooledPassage, type PooledSentence } from './sentence-pool.ts';

/** A cell of a row, or a variant of what the row tells of, which has several. */
type Cell = { text: string; wordCount: number; isVariant: boolean; positions: readonly number[] };

const startsCell = /^[^:\n]{1,80}: \S/;

/**
 * The cells of a passage that is a row of a table, written as lines of `name: value` below the name of what they tell of;
 * none where it is something else.
 */
export const cellsOf = ({ passage, sentences }: PooledPassage): Cell[] => {
  const name = passage.headings.at(-1);
  const [first] = sentences;
  if (name === undefined || !first || !startsCell.test(first.text)) return [];
  const named = `: ${name}`;
  if (!passage.text.split('\n').some((line) => line.endsWith(named) || line.includes(`${named};`))) return [];
  const groups: PooledSentence[][] = [];
  for (const sentence of sentences) {
    const cell = groups.at(-1);
    if (cell && !(sentence.startsLine && startsCell.test(sentence.text))) cell.push(sentence);
    else groups.push([sentence]);
  }
  return groups.length < 2 ? [] : groups.map((group) => toCell(passage.text, group));
};

const toCell = (passage: string, group: readonly PooledSentence[]): Cell => {
  const text = passage.slice(group[0]?.start, group.at(-1)?.end).replaceAll(/\s*\n\s*/g, ' ');
  return {
    text,
    wordCount: countWords(text),
    isVariant: group[0]?.isItem === true,
    positions: group.map(({ position }) => position),
  };
};

/**
 * The row that a sentence is a cell of: the whole of it, or, where it is too long, the cell with those next to it that
 * there is room for; null where it is no cell of a row. A text that is too long to be said with its row is none.
 */
export const rowAround = (pooled: PooledPassage, sentence: PooledSentence, room: number): PickedSentence | null => {
  const cells = cellsOf(pooled);
  const own = cells.findIndex(({ positions }) => positions.includes(sentence.position));
  const ownCell = cells[own];
  if (!ownCell) return null;
  const isShort = cells.reduce((sum, { wordCount }) => sum + wordCount, 0) <= room;
  if (!isShort && (ownCell.positions.length > 1 || ownCell.wordCount > room)) return alone(sentence);
  const said = isShort ? cells : nearestCells(cells, own, room);
  const first = pooled.sentences[said[0]?.positions[0] ?? sentence.position] ?? sentence;
  const last = pooled.sentences[said.at(-1)?.positions.at(-1) ?? sentence.position] ?? sentence;
  return {
    ...sentence,
    position: first.position,
    text: joinCells(cells, said),
    wordCount: said.reduce((sum, { wordCount }) => sum + wordCount, 0),
    covers: new Set(said.flatMap(({ positions }) => positions)),
    quote: isShort ? pooled.passage.text.slice(first.start, last.end) : sentence.text,
  };
};

/** In their order. A cell that has no room is passed over: behind a description stands the price. */
const nearestCells = (cells: readonly Cell[], own: number, room: number): Cell[] => {
  let left = room;
  const near = cells.toSorted((a, b) => Math.abs(cells.indexOf(a) - own) - Math.abs(cells.indexOf(b) - own));
  const said = new Set(
    near.filter(({ wordCount }) => {
      if (wordCount > left) return false;
      left -= wordCount;
      return true;
    }),
  );
  return cells.filter((cell) => said.has(cell));
};

/** One line, so that rows can be told apart, but for the variants. A `…` stands for what is left out. */
const joinCells = (cells: readonly Cell[], said: readonly Cell[]): string => {
  let text = '';
  for (const cell of cells) {
    const isSaid = said.includes(cell);
    if (!isSaid && text.endsWith('…')) continue;
    const between = cell.isVariant && isSaid ? '\n' : /[.!?。]$/.test(text) ? ' ' : '; ';
    text += `${text === '' ? '' : between}${isSaid ? cell.text : '…'}`;
  }
  return text;
};
