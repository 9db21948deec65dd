import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../src/kit/id.ts';
import { openStore } from '../src/store/open-store.ts';
import { ExportFileError } from '../src/store/transfer/export-file.ts';
import { exportWorkspace } from '../src/store/transfer/export-workspace.ts';
import { importWorkspace } from '../src/store/transfer/import-workspace.ts';
import { openTables } from '../src/store/transfer/open-tables.ts';
import type { Tables } from '../src/store/transfer/tables.ts';
import { databaseOf, type TestDatabase } from './test-database.ts';

/** What an import takes, and what it refuses before anything is written. */

let folder: string;
let path: string;
let source: { database: TestDatabase; tables: Tables };
let target: { database: TestDatabase; tables: Tables };

const parent = newId('ws');
const child = newId('ws');
const other = newId('ws');

const openEmpty = async () => {
  const own = await mkdtemp(join(folder, 'database-'));
  const database = await databaseOf(own);
  const store = await openStore(database.place, { migrate: true });
  return { database, store, tables: openTables(database.place) };
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-transfer-'));
  path = join(folder, 'export.jsonl');
  const { store, ...opened } = await openEmpty();
  source = opened;
  for (const [id, parentId] of [
    [parent, null],
    [child, parent],
    [other, null],
  ] as const) {
    await store.transact((writers) =>
      writers.workspaces.insert({ id, parentId, name: `of ${id}`, plan: null, createdAt: 1 }),
    );
  }
  await store.close();
  const empty = await openEmpty();
  await empty.store.close();
  target = empty;
});
afterEach(async () => {
  for (const { database, tables } of [source, target]) {
    await tables.close();
    await database.drop();
  }
  await rm(folder, { recursive: true });
});

const write = (clients = false) => exportWorkspace(source.tables, { workspaceId: parent, clients, path, at: 5 });
const read = (admit = () => {}) => importWorkspace(target.tables, { path, admit });
const lines = (): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');
const change = (edit: (all: string[]) => string[]): void => writeFileSync(path, `${edit(lines()).join('\n')}\n`);
const workspacesThere = async () =>
  (await target.database.query('select id from workspaces order by id')).map(({ id }) => id);

it('takes the workspace alone, or with its clients, and never another', async () => {
  await write();
  await read();
  expect(await workspacesThere()).toEqual([parent]);
});

it('takes the workspaces of clients along where they are asked for', async () => {
  const sums = await write(true);
  expect(sums?.tables['workspaces']?.rows).toBe(2);
  const { header, rows, resumedAt } = await read();
  expect({ workspaces: header.workspaces, resumedAt }).toEqual({ workspaces: [parent, child], resumedAt: 0 });
  expect(rows).toBe(Object.values(sums?.tables ?? {}).reduce((sum, table) => sum + table.rows, 0));
  expect(await workspacesThere()).toEqual([parent, child].toSorted());
});

it('writes nothing of a workspace that is not there', async () => {
  expect(await exportWorkspace(source.tables, { workspaceId: 'ws_none', clients: false, path, at: 5 })).toBeNull();
});

it.each([
  ['a row was changed', (all: string[]) => all.map((line) => line.replace('"of ws', '"on ws')), 'are not those'],
  ['a row is missing', (all: string[]) => all.toSpliced(1, 1), 'are not those'],
  ['a row is doubled', (all: string[]) => all.toSpliced(1, 0, all[1] ?? ''), 'are not those'],
  ['the end is missing', (all: string[]) => all.slice(0, -1), 'cut off'],
  ['a line is no JSON', (all: string[]) => all.toSpliced(1, 1, '["workspaces",{'), 'line 2 is not JSON'],
  ['there is more behind the end', (all: string[]) => [...all, '["bots",{}]'], 'behind the end'],
  ['it is something else', () => ['{"name":"parley"}'], "no export of Parley's"],
  [
    'it is of a later form',
    (all: string[]) => all.map((line) => line.replace('"parley_export":1', '"parley_export":2')),
    'form 2',
  ],
  [
    'it is of another schema',
    (all: string[]) => all.map((line) => line.replace(/"schema":"[^"]*"/, '"schema":"0000-old"')),
    'of schema 0000-old',
  ],
])('refuses a file where %s, and adds nothing', async (_title, edit, reason) => {
  await write();
  change(edit);
  await expect(read()).rejects.toThrow(ExportFileError);
  await expect(read()).rejects.toThrow(reason);
  expect(await workspacesThere()).toEqual([]);
});

it('adds nothing where the file is not admitted', async () => {
  await write();
  const refuse = () => {
    throw new Error('another secret');
  };
  await expect(read(refuse)).rejects.toThrow('another secret');
  expect(await target.database.query("select name from instance_settings where name <> 'turn_functions'")).toEqual([]);
});

it('refuses a workspace that is there already', async () => {
  await write();
  await read();
  await expect(read()).rejects.toThrow(`there is something of workspace ${parent} here already`);
  expect(await target.database.query("select name from instance_settings where name <> 'turn_functions'")).toEqual([]);
});
