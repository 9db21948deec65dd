import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backupSqlite } from './backup.ts';
import { SqliteConnection } from './connection.ts';

let folder = '';
let source: SqliteConnection;
const place = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  source = new SqliteConnection(place('parley.db'), { readOnly: false });
  source.exec('create table pairs (n integer primary key, twin integer not null)');
});
afterEach(() => {
  source.close();
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const backUp = (replace = false) => backupSqlite({ from: place('parley.db'), to: place('copy.db'), replace });

const readCopy = (): { n: number; twin: number }[] => {
  const copy = new DatabaseSync(place('copy.db'), { readOnly: true });
  try {
    return copy.prepare('select n, twin from pairs order by n').all() as { n: number; twin: number }[];
  } finally {
    copy.close();
  }
};

test('the copy is one file for its owner alone, with everything that was committed', async () => {
  source.exec('insert into pairs values (1, 1), (2, 2)');
  expect(await backUp()).toEqual({ kind: 'done' });
  expect(readCopy()).toEqual([
    { n: 1, twin: 1 },
    { n: 2, twin: 2 },
  ]);
  expect(statSync(place('copy.db')).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).filter((name) => !name.startsWith('parley.db'))).toEqual(['copy.db']);
});

test('a copy that is made while the database is written holds whole transactions up to one moment', async () => {
  const insert = (n: number) => {
    source.exec('begin immediate');
    source.run('insert into pairs values (?, ?)', n * 2, n * 2 + 1);
    source.run('insert into pairs values (?, ?)', n * 2 + 1, n * 2);
    source.exec('commit');
  };
  insert(0);
  const progress = { done: false };
  const copying = backUp().finally(() => {
    progress.done = true;
  });
  let count = 1;
  while (!progress.done) {
    insert(count++);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(await copying).toEqual({ kind: 'done' });
  const rows = readCopy();
  expect(rows.length % 2).toBe(0);
  expect(rows.map(({ n }) => n)).toEqual(rows.map((_, at) => at));
  expect(count).toBeGreaterThan(1);
});

test('a file that is there already is left as it is, unless it is to be replaced', async () => {
  writeFileSync(place('copy.db'), 'precious');
  expect(await backUp()).toEqual({ kind: 'exists' });
  expect(readFileSync(place('copy.db'), 'utf8')).toBe('precious');
  expect(await backUp(true)).toEqual({ kind: 'done' });
  expect(readCopy()).toEqual([]);
});

test('a damaged database gives no backup, and the old one stays', async () => {
  source.exec('begin');
  for (let n = 0; n < 2_000; n++) source.run('insert into pairs values (?, ?)', n, n);
  source.exec('commit');
  source.exec('create index pairs_twin on pairs (twin)');
  source.exec('pragma wal_checkpoint(truncate)');
  source.close();
  const bytes = readFileSync(place('parley.db'));
  bytes.fill(0xff, bytes.length - 4_096 + 100, bytes.length - 4_096 + 400);
  writeFileSync(place('parley.db'), bytes);
  source = new SqliteConnection(place('parley.db'), { readOnly: false });
  writeFileSync(place('copy.db'), 'the old one');
  expect(await backUp(true)).toMatchObject({ kind: 'damaged' });
  expect(readFileSync(place('copy.db'), 'utf8')).toBe('the old one');
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
