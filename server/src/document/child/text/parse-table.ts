import { parse } from 'csv-parse/sync';
import { cleanLine } from '../../../core/knowledge/clean-line.ts';
import { DocumentError } from '../../../core/knowledge/document-error.ts';
import { maxTableCells } from '../../../core/knowledge/document-limits.ts';
import type { ParsedDocument } from '../../../core/knowledge/document-parser.ts';
import { BlockList } from '../block-list.ts';
import { emptyHead } from '../empty-head.ts';
import { decodeText } from './decode-text.ts';
import { describeRows } from './describe-rows.ts';
import { joinRows } from './join-rows.ts';

const delimiters = [',', ';', '\t', '|'] as const;
/** Enough lines to tell by which character they are divided. */
const sampledLines = 20;
const maxRecordCharacters = 1_000_000;

/**
 * A table with a line of names above it; each row becomes a heading and a paragraph of lines `name: value`. Rows that
 * tell of one thing become one.
 */
export const parseTable = (bytes: Uint8Array, charset: string | null): ParsedDocument => {
  const [names = [], ...body] = readRows(decodeText(bytes, charset));
  const header = names.map(cleanLine);
  const list = new BlockList();
  for (const { rows } of joinRows(body)) {
    list.heading(1, headingOf(rows[0] ?? []));
    list.paragraph(describeRows(header, rows));
  }
  if (list.blocks.length === 0) list.paragraph(header.join(', '));
  return { ...emptyHead, blocks: list.blocks };
};

const readRows = (text: string): string[][] => {
  const rows = parseRows(text);
  if (rows.reduce((sum, row) => sum + row.length, 0) > maxTableCells) throw new DocumentError('too_much_text');
  return rows;
};

const parseRows = (text: string): string[][] => {
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: maxRecordCharacters,
      // one more than may be, so that more are noticed
      to: maxTableCells + 1,
    });
  } catch {
    throw new DocumentError('damaged', 'The table cannot be read: a quotation mark is opened and not closed.');
  }
};

/** The one that divides the first lines into the most columns. */
const delimiterOf = (text: string): string => {
  const sample = text
    .split('\n', sampledLines)
    .join('\n')
    .replaceAll(/"[^"]*"/g, '');
  const counted = delimiters.map((delimiter) => ({ delimiter, count: sample.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
};

const keyOnly = /^(?:\d*|[\p{Ll}\d]+(?:[-_][\p{Ll}\d]+)+)$/u;

/** What a row is called: its first cell, or the second where the first is a number or a key (`blue-wool-blanket`). */
const headingOf = (row: readonly string[]): string => {
  const [first = '', second = ''] = row.map(cleanLine);
  return keyOnly.test(first) && /\p{L}/u.test(second) ? second : first;
};
