import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { migrations } from '../src/store/migrations/index.ts';
import { sqliteDialect } from '../src/store/sqlite/dialect.ts';

/** What was one revision of a source before there were pages is found as the version of its only page. */

const before = (database: DatabaseSync, name: string): void => {
  for (const migration of migrations) {
    if (migration.name === name) return;
    for (const statement of migration.up(sqliteDialect)) database.exec(statement);
  }
};

const addSource = (
  database: DatabaseSync,
  source: { id: string; status: string; revision: number; ready: number | null; written: readonly number[] },
): void => {
  const { id, status, revision, ready, written } = source;
  database
    .prepare("insert into sources values ('ws', 'bot', ?, 'text', 'T', null, ?, null, 1, 1, 3, ?, ?, 5, 6)")
    .run(id, status, revision, ready);
  for (const version of written) {
    database
      .prepare("insert into chunks values ('ws', 'bot', ?, ?, 0, ?, '[]', 'Wool', 1)")
      .run(id, version, id + version);
  }
};

it('sources from before pages have one each, found as they were, and what was left over is to be removed', () => {
  const database = new DatabaseSync(':memory:');
  before(database, '0007-pages');
  addSource(database, { id: 'src_ready', status: 'ready', revision: 3, ready: 3, written: [3] });
  addSource(database, { id: 'src_again', status: 'processing', revision: 5, ready: 4, written: [4, 5] });
  addSource(database, { id: 'src_new', status: 'queued', revision: 1, ready: null, written: [] });
  addSource(database, { id: 'src_wrong', status: 'failed', revision: 2, ready: 1, written: [1] });
  const pages = migrations.find(({ name }) => name === '0007-pages');
  for (const statement of pages?.up(sqliteDialect) ?? []) database.exec(statement);
  const rows = database
    .prepare('select source_id, id, number, version, status, read_round from source_pages order by source_id')
    .all()
    .map((row) => Object.values(row));
  expect(rows).toEqual([
    ['src_again', 'page_again', 0, 4, 'ready', 4],
    ['src_new', 'page_new', 0, null, 'waiting', 0],
    ['src_ready', 'page_ready', 0, 3, 'ready', 3],
    ['src_wrong', 'page_wrong', 0, 1, 'ready', 1],
  ]);
  const counts = database.prepare('select id, last_version, pages_known, pages_done from sources order by id').all();
  expect(counts.map((row) => Object.values(row))).toEqual([
    ['src_again', 5, 1, 0],
    ['src_new', 1, 1, 0],
    ['src_ready', 3, 1, 1],
    ['src_wrong', 2, 1, 1],
  ]);
  const retired = database.prepare('select source_id, version from retired_versions').all();
  expect(retired.map((row) => Object.values(row))).toEqual([['src_again', 5]]);
  database.close();
});
