import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { turnSql as postgresTurnSql } from '../src/store/postgres/turn-sql.ts';
import { historySql, turnSql as sqliteTurnSql } from '../src/store/sqlite/turn-sql.ts';

const stores = join(import.meta.dirname, '../src/store');

/** The window of memory that stands for all of them. */
const window = 20;

const dialects = [
  { dialect: 'sqlite', statements: { ...sqliteTurnSql, history: historySql(window) } },
  { dialect: 'postgres', statements: postgresTurnSql },
];

const written = (statements: Readonly<Record<string, string>>): string =>
  [
    '-- Every statement on the path of a turn, as it is prepared. Written by:',
    '--   npx vitest run --project fast server/test/turn-sql.test.ts --update',
    ...Object.entries(statements).map(([name, sql]) => `\n-- ${name}\n${sql};`),
    '',
  ].join('\n');

describe('the committed SQL of a turn', () => {
  it.each(dialects)('is what the $dialect store prepares', async ({ dialect, statements }) => {
    const path = join(stores, dialect, 'turn.sql');
    // a missing file would be written instead of compared
    expect(existsSync(path)).toBe(true);
    await expect(written(statements)).toMatchFileSnapshot(path);
  });
});
