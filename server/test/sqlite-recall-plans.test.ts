import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recallLookupTexts } from '../src/store/recall-lookups-sql.ts';
import type { Schema } from '../src/store/schema.ts';
import { SqliteConnection } from '../src/store/sqlite/connection.ts';
import { openSqliteStore } from '../src/store/sqlite/database.ts';
import { kyselyDialect } from '../src/store/sqlite/kysely-driver.ts';

/** How SQLite goes about the queries of recall: by the keys of what one person has, however much others have. */

let directory: string;
let connection: SqliteConnection;
let texts: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-plans-'));
  const path = join(directory, 'parley.db');
  await (await openSqliteStore({ path, migrate: true })).close();
  connection = new SqliteConnection(path, { readOnly: true });
  texts = recallLookupTexts(new Kysely<Schema>({ dialect: kyselyDialect({ alone: connection }) }), 4);
});
afterAll(async () => {
  connection.close();
  await rm(directory, { recursive: true });
});

const searches = (name: string): string[] => {
  const sql = texts[name] ?? '';
  const parameters = Array.from({ length: sql.split('?').length - 1 }, () => 1);
  const steps = connection.all<{ detail: string }>(`explain query plan ${sql}`, ...parameters);
  // the lists that are parameters, and those made of a few users, are walked
  const costly = steps.filter(({ detail }) => /^SCAN (?!person|listed|CONSTANT ROW|\d+ CONSTANT)/.test(detail));
  expect(costly).toEqual([]);
  return steps.map(({ detail }) => detail).filter((detail) => detail.startsWith('SEARCH'));
};

test('the conversations of a user are found by the user, youngest first', () => {
  expect(searches('recall_conversations')).toEqual([
    'SEARCH conversations USING INDEX conversations_user (workspace_id=? AND user_id=? AND mode=?)',
    'SEARCH memories USING PRIMARY KEY (workspace_id=? AND conversation_id=?) LEFT-JOIN',
    'SEARCH turns USING INDEX turns_conversation (workspace_id=? AND conversation_id=?)',
    'SEARCH one USING PRIMARY KEY (workspace_id=? AND mode=? AND user_id=?)',
  ]);
});

test('those of a person who is linked are found by their users', () => {
  expect(searches('recall_conversations_of_person')).toEqual([
    'SEARCH one USING PRIMARY KEY (workspace_id=? AND mode=? AND user_id=?)',
    'SEARCH linked USING COVERING INDEX users_person (workspace_id=? AND mode=? AND person_id=?)',
    'SEARCH conversations USING INDEX conversations_user (workspace_id=? AND user_id=? AND mode=?)',
    'SEARCH memories USING PRIMARY KEY (workspace_id=? AND conversation_id=?) LEFT-JOIN',
    'SEARCH turns USING INDEX turns_conversation (workspace_id=? AND conversation_id=?)',
  ]);
});

test('an anonymous conversation, segments, messages and texts are found by their keys', () => {
  expect(searches('recall_conversation')).toEqual([
    'SEARCH conversations USING PRIMARY KEY (workspace_id=? AND id=?)',
    'SEARCH memories USING PRIMARY KEY (workspace_id=? AND conversation_id=?) LEFT-JOIN',
    'SEARCH turns USING INDEX turns_conversation (workspace_id=? AND conversation_id=?)',
  ]);
  expect(searches('recall_segments')).toEqual([
    'SEARCH recall_segments USING PRIMARY KEY (workspace_id=? AND conversation_id=?)',
  ]);
  expect(searches('recall_unpacked')).toEqual([
    'SEARCH messages USING PRIMARY KEY (workspace_id=? AND conversation_id=? AND seq>? AND seq<?)',
  ]);
  expect(searches('recall_texts')).toEqual([
    'SEARCH messages USING PRIMARY KEY (workspace_id=? AND conversation_id=? AND seq=?)',
  ]);
});
