import { cleanLine } from '../../../core/knowledge/clean-line.ts';
import { cleanText } from '../clean-text.ts';
import { markupToText } from '../html/markup-to-text.ts';

/**
 * Rows of one thing as lines that can be read: `name: value` for what all of them share, or only one of them says, and a
 * line for each row with the cells that differ, so that a price stays with its size.
 */
export const describeRows = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const table = rows.map((row) => header.map((_, column) => readable(row[column] ?? '')));
  const differing = header.map((_, column) => differs(table, column));
  const shared = header.flatMap((name, column) => {
    const value = table.map((row) => row[column] ?? '').find((cell) => cell !== '');
    return differing[column] || value === undefined ? [] : [named(name, value)];
  });
  if (!differing.includes(true)) return shared.join('\n');
  const lines = table.map((row) =>
    header
      .flatMap((name, column) =>
        differing[column] && row[column] ? [named(name, row[column].replaceAll('\n', ' '))] : [],
      )
      .join('; '),
  );
  return [...shared, ...lines.filter((line) => line !== '').map((line) => `- ${line}`)].join('\n');
};

const differs = (table: readonly (readonly string[])[], column: number): boolean =>
  new Set(table.map((row) => row[column]).filter((cell) => cell !== '')).size > 1;

const named = (name: string, value: string): string => (name === '' ? value : `${name}: ${value}`);

const picture = /^https?:\/\/\S+\.(?:avif|gif|jpe?g|png|svg|webp)(?:\?\S*)?$/i;

/** Exports hold descriptions as HTML, and addresses of pictures, which nobody reads. */
const readable = (value: string): string => {
  const text = value.trim();
  if (picture.test(text)) return '';
  return /<[a-z][^>]*>/i.test(text) ? cleanText(markupToText(text)) : cleanLine(text);
};
