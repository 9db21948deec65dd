import { table } from '../table-text.ts';
import type { QualityRow, StoreName } from './part.ts';

export type Measured = { store: StoreName; rows: readonly QualityRow[] };

const bigNumber = 2;

/** Shares with three places, times and counts with one. */
const figure = (value: number): string => value.toFixed(value < bigNumber ? 3 : 1);

const reached = ({ reach, got, atMost }: QualityRow): string => {
  if (reach === null) return '';
  return (atMost ? got <= reach : got >= reach) ? 'yes' : 'no';
};

/** A row a figure and store. */
export const qualityTable = (measured: readonly Measured[]): string =>
  table(
    ['what', 'store', 'plain', 'reach', 'got', 'reached', 'of'],
    measured.flatMap(({ store, rows }) =>
      rows.map((row) => [
        row.what,
        store === 'sqlite' ? 'SQLite' : 'PostgreSQL',
        row.baseline === null ? '–' : figure(row.baseline),
        row.reach === null ? '–' : `${row.atMost ? '≤ ' : ''}${figure(row.reach)}`,
        figure(row.got),
        reached(row),
        String(row.n),
      ]),
    ),
  );
