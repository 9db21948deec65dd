import { DocumentError } from '../../../core/knowledge/document-error.ts';
import { maxTableCells } from '../../../core/knowledge/document-limits.ts';
import type { DomElement } from './dom.ts';
import { isSkipped } from './element-kinds.ts';
import { inlineText } from './inline-text.ts';

/** A span says how many cells it covers, and may say anything. */
const maxSpan = 100;

export type TableText = { caption: string; header: string[]; rows: string[][] };

/** True for a table that only arranges a page: with tables or headings in it, or of a single column or cell. */
export const isLayoutTable = (table: DomElement): boolean => {
  if (/^(?:presentation|none)$/.test(table.getAttribute('role') ?? '')) return true;
  if (table.querySelector('table,h1,h2,h3,h4,details')) return true;
  return rowsOf(table).every((row) => cellsOf(row).length <= 1);
};

/** Cells that span rows or columns are repeated in each row and left empty in each column that they cover. */
export const readTable = (table: DomElement): TableText => {
  const caption = [...table.children].find((child) => child.localName === 'caption');
  const read = new Grid();
  let headerRows = 0;
  for (const row of rowsOf(table)) {
    const cells = cellsOf(row);
    const names = cells.every((cell) => cell.localName === 'th') || row.parentElement?.localName === 'thead';
    if (names && headerRows === read.rows.length && cells.length > 0) headerRows += 1;
    read.add(cells);
  }
  return {
    caption: caption ? inlineText(caption) : '',
    header: joinHeader(read.rows.slice(0, headerRows)),
    rows: read.rows.slice(headerRows),
  };
};

const rowsOf = (table: DomElement): DomElement[] =>
  [...table.querySelectorAll('tr')].filter((row) => row.closest('table') === table && !isSkipped(row));

const cellsOf = (row: DomElement): DomElement[] =>
  [...row.children].filter((cell) => (cell.localName === 'td' || cell.localName === 'th') && !isSkipped(cell));

/** Several lines of names are one, from the general to the particular. */
const joinHeader = (rows: readonly string[][]): string[] => {
  const width = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) =>
    [...new Set(rows.map((row) => row[column] ?? '').filter((name) => name !== ''))].join(' '),
  );
};

class Grid {
  readonly rows: string[][] = [];
  #cells = 0;
  /** By column: what still covers it from above. */
  readonly #covering: { text: string; rows: number }[] = [];

  add(cells: readonly DomElement[]): void {
    const row: string[] = [];
    for (const cell of cells) {
      this.#cover(row);
      const text = inlineText(cell).replaceAll('\n', ' ');
      const rows = spanOf(cell, 'rowspan');
      const columns = spanOf(cell, 'colspan');
      for (let column = 0; column < columns; column += 1) {
        const shown = column === 0 ? text : '';
        if (rows > 1) this.#covering[row.length] = { text: shown, rows: rows - 1 };
        row.push(shown);
      }
    }
    this.#cover(row);
    this.#cells += row.length;
    if (this.#cells > maxTableCells) throw new DocumentError('too_much_text');
    this.rows.push(row);
  }

  #cover(row: string[]): void {
    for (let above = this.#covering[row.length]; above && above.rows > 0; above = this.#covering[row.length]) {
      above.rows -= 1;
      row.push(above.text);
    }
  }
}

const spanOf = (cell: DomElement, name: string): number =>
  Math.min(Math.max(Math.trunc(Number(cell.getAttribute(name) ?? 1)) || 1, 1), maxSpan);
