import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Dialect, Kysely } from 'kysely';
import { describe, expect, it } from 'vitest';
import { knowledgeLookupTexts } from '../src/store/knowledge-lookups-sql.ts';
import { recallLookupTexts } from '../src/store/recall-lookups-sql.ts';
import { PostgresPool } from '../src/store/postgres/connection.ts';
import { eventSql as postgresEventSql } from '../src/store/postgres/event-sql.ts';
import { kyselyDialect as postgresDialect } from '../src/store/postgres/kysely-driver.ts';
import { turnFunctions } from '../src/store/postgres/make-turn-functions.ts';
import { turnSql as postgresTurnSql } from '../src/store/postgres/turn-sql.ts';
import { SqliteConnection } from '../src/store/sqlite/connection.ts';
import { eventSql as sqliteEventSql } from '../src/store/sqlite/event-sql.ts';
import { kyselyDialect as sqliteDialect } from '../src/store/sqlite/kysely-driver.ts';
import { historySql, turnSql as sqliteTurnSql } from '../src/store/sqlite/turn-sql.ts';

const stores = join(import.meta.dirname, '../src/store');

/** The window of memory that stands for all of them. */
const window = 20;

/** The number of words, of passages, and of conversations, that stands for all of them. */
const listed = 4;

/** Compiled, and sent nowhere. */
const lookups = (dialect: Dialect): Readonly<Record<string, string>> => ({
  ...knowledgeLookupTexts(new Kysely({ dialect }), listed),
  ...recallLookupTexts(new Kysely({ dialect }), listed),
});
const nowhere = {
  sqlite: { alone: new SqliteConnection(':memory:', { readOnly: false }) },
  postgres: { pool: new PostgresPool({ url: 'postgres://nobody@127.0.0.1:1/nothing', size: 1 }) },
};

/** So that a name of one list is none of the other. */
const eventsOf = (statements: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(statements).map(([name, sql]) => [`events: ${name}`, sql]));

const dialects = [
  {
    dialect: 'sqlite',
    statements: {
      ...sqliteTurnSql,
      history: historySql(window),
      ...eventsOf(sqliteEventSql),
      ...lookups(sqliteDialect(nowhere.sqlite)),
    },
  },
  {
    dialect: 'postgres',
    statements: {
      ...Object.fromEntries(turnFunctions.map(({ name, definition }) => [`${name}, which is made once`, definition])),
      ...postgresTurnSql,
      ...eventsOf(postgresEventSql),
      ...lookups(postgresDialect(nowhere.postgres)),
    },
  },
];

const written = (statements: Readonly<Record<string, string>>): string =>
  [
    '-- Every statement on the path of a turn, as it is prepared. What is remembered for seconds (keys, bots, terms, the',
    '-- size of a knowledge base) is read beside it. Written by:',
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
