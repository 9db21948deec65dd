import { toLine } from './build-lines.ts';
import type { TextLine, TextRun } from './text-line.ts';

export type RegionPart = { kind: 'lines'; lines: TextLine[] } | { kind: 'table'; rows: string[][]; header: string[] };

/** In sizes of the font: base lines of one row, and the white between two cells. */
const sameRow = 0.6;
const cellGap = 0.75;
const minRows = 3;
/** Longer cells are columns of text. */
const maxCellCharacters = 80;
const maxAverageCharacters = 40;

/** What stands before an item of a list. */
const itemSign = /^(?:[^\p{L}\p{N}]|\(?(?:\d{1,3}|[a-z])[.)])$/iu;

/**
 * Rows of cells in a region: neighbouring lines in several pieces, whose pieces stand below each other in the rows that
 * have the most. Everything else stays lines.
 */
export const findTables = (lines: readonly TextLine[]): RegionPart[] => {
  const parts: RegionPart[] = [];
  let open: Row[] = [];
  const addLines = (added: readonly TextLine[]): void => {
    const last = parts.at(-1);
    if (last?.kind === 'lines') last.lines.push(...added);
    else if (added.length > 0) parts.push({ kind: 'lines', lines: [...added] });
  };
  const endTable = (): void => {
    const table = toTable(open.map((row) => row.cells));
    if (table) parts.push(table);
    else addLines(open.flatMap((row) => row.lines));
    open = [];
  };
  for (const row of toRows(lines)) {
    if (isOfCells(row.cells)) open.push(row);
    else {
      endTable();
      addLines(row.lines);
    }
  }
  endTable();
  return parts;
};

type Row = { lines: TextLine[]; cells: TextLine[] };

const isOfCells = (cells: readonly TextLine[]): boolean =>
  cells.length > 1 &&
  !itemSign.test(cells[0]?.text ?? '') &&
  cells.every((cell) => cell.text.length <= maxCellCharacters);

const toRows = (lines: readonly TextLine[]): Row[] => {
  const rows: TextLine[][] = [];
  for (const line of lines) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row && first && Math.abs(first.y - line.y) <= Math.max(first.size, line.size) * sameRow) row.push(line);
    else rows.push([line]);
  }
  return rows.map((row) => ({ lines: row.toSorted((a, b) => a.left - b.left), cells: toCells(row) }));
};

const toCells = (lines: readonly TextLine[]): TextLine[] => {
  const cells: TextRun[][] = [];
  for (const run of lines.flatMap((line) => line.runs).toSorted((a, b) => a.left - b.left)) {
    const cell = cells.at(-1);
    const right = Math.max(...(cell ?? []).map((other) => other.right));
    if (cell && run.left - right < run.size * cellGap) cell.push(run);
    else cells.push([run]);
  }
  return cells.map(toLine);
};

/** Null where the cells do not stand below each other, or are long enough to be text. */
const toTable = (rows: readonly TextLine[][]): RegionPart | null => {
  if (rows.length < minRows) return null;
  const width = Math.max(...rows.map((row) => row.length));
  const widest = rows.filter((row) => row.length === width);
  const columns = findColumns(widest.flat());
  if (widest.length < 2 || columns.length !== width) return null;
  const all = rows.flat();
  if (all.reduce((sum, cell) => sum + cell.text.length, 0) > all.length * maxAverageCharacters) return null;
  const isRightToLeft = all.filter((cell) => cell.isRightToLeft).length * 2 > all.length;
  const cells = rows.map((row) => placeCells(row, columns)).map((row) => (isRightToLeft ? row.toReversed() : row));
  const fonts = rows.map((row) => row.map((cell) => cell.font));
  const body = new Set(fonts.slice(1).flatMap((row) => row.slice(1)));
  const hasHeader = (fonts[0] ?? []).every((font) => !body.has(font));
  const [header = [], ...rest] = cells;
  return hasHeader ? { kind: 'table', header, rows: rest } : { kind: 'table', header: [], rows: cells };
};

type Stripe = { left: number; right: number };

/** Stripes that the cells cover, from left to right. */
const findColumns = (cells: readonly TextLine[]): Stripe[] => {
  const columns: Stripe[] = [];
  for (const { left, right } of cells.toSorted((a, b) => a.left - b.left)) {
    const last = columns.at(-1);
    if (last && left <= last.right) last.right = Math.max(last.right, right);
    else columns.push({ left, right });
  }
  return columns;
};

/** Each cell goes to the column that its middle is nearest to; one that lies over several goes there run by run. */
const placeCells = (row: readonly TextLine[], columns: readonly Stripe[]): string[] => {
  const placed = columns.map((): string[] => []);
  for (const cell of row) {
    const covered = columns.filter((column) => cell.left < column.right && cell.right > column.left);
    for (const piece of covered.length > 1 ? cell.runs : [cell]) {
      const distances = columns.map((column) => distanceTo((piece.left + piece.right) / 2, column));
      placed[distances.indexOf(Math.min(...distances))]?.push(piece.text.trim());
    }
  }
  return placed.map((texts) => texts.join(' '));
};

const distanceTo = (x: number, { left, right }: Stripe): number => Math.max(left - x, x - right, 0);
