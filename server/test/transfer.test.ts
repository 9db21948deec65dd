import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../src/kit/id.ts';
import { openStore } from '../src/store/open-store.ts';
import { type ExportHeader, ExportFileError, Tally } from '../src/store/transfer/export-file.ts';
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
const read = (admit = () => {}, parentId: string | null = null) =>
  importWorkspace(target.tables, { path, parentId, admit });
const lines = (): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');
const change = (edit: (all: string[]) => string[]): void => writeFileSync(path, `${edit(lines()).join('\n')}\n`);
/** A file with other rows, or another header, under sums that fit them. */
const forge = (edit: (rows: [string, Record<string, unknown>][]) => void, header: Partial<ExportHeader> = {}): void =>
  change(([first = '', ...others]) => {
    const rows = others.slice(0, -1).map((line) => JSON.parse(line) as [string, Record<string, unknown>]);
    edit(rows);
    const tally = new Tally();
    const written = rows.map((row) => JSON.stringify(row));
    for (const [at, line] of written.entries()) tally.add(rows[at]?.[0] ?? '', line);
    return [JSON.stringify({ ...JSON.parse(first), ...header }), ...written, JSON.stringify(tally.trailer())];
  });
const workspacesThere = async () =>
  (await target.database.query('select id from workspaces order by id')).map(({ id }) => id);

/** Of the target, without what a start of it on PostgreSQL notes. */
const settings = (column: 'name' | 'value') =>
  target.database.query(`select ${column} from instance_settings where name <> 'turn_functions'`);

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
  expect(await settings('name')).toEqual([]);
});

it('refuses a workspace that is there already', async () => {
  await write();
  await read();
  await expect(read()).rejects.toThrow(`there is something of workspace ${parent} here already`);
  expect(await settings('name')).toEqual([]);
});

const foreignJob = (workspaceId: string): Record<string, unknown> => ({
  id: newId('job'),
  workspace_id: parent,
  kind: 'purge-workspace',
  payload: JSON.stringify({ workspaceId }),
});

it.each([
  [
    'belongs to another workspace',
    'users',
    { workspace_id: other, user_id: 'u' },
    `line 2 (users) is of workspace ${other}`,
  ],
  ['belongs to none', 'jobs', { ...foreignJob(parent), workspace_id: null }, 'line 2 (jobs) is of workspace null'],
  ['leaves its workspace out', 'users', { user_id: 'u' }, 'line 2 (users) is of workspace undefined'],
  ['is another workspace', 'workspaces', { id: other }, `line 2 (workspaces) is of workspace ${other}`],
  [
    'makes a client of another',
    'workspaces',
    { id: parent, parent_id: other },
    `line 2 (workspaces) points to workspace ${other}`,
  ],
  [
    'takes the quota of another',
    'quota_owners',
    { workspace_id: parent, id: parent, parent_id: other },
    `line 2 (quota_owners) points to workspace ${other}`,
  ],
  [
    'counts on the quota of another',
    'turns',
    {
      workspace_id: parent,
      id: 'turn_a',
      quota_owners: JSON.stringify([
        [parent, parent],
        [other, other],
      ]),
    },
    `line 2 (turns) points to workspace ${other}`,
  ],
  ['works on another', 'jobs', foreignJob(other), `line 2 (jobs) points to workspace ${other}`],
  ['is of no table', 'instance_settings', { name: 'a', value: 'b' }, 'line 2 is of a table that there is not'],
])('refuses a file with a row that %s, and adds nothing', async (_title, table, row, reason) => {
  await write();
  forge((rows) => void rows.unshift([table, row]));
  await expect(read()).rejects.toThrow(ExportFileError);
  await expect(read()).rejects.toThrow(reason);
  expect(await workspacesThere()).toEqual([]);
  expect(await settings('name')).toEqual([]);
});

it('takes a client without its agency only as the client of the one that is named for it', async () => {
  await exportWorkspace(source.tables, { workspaceId: child, clients: false, path, at: 5 });
  await expect(read()).rejects.toThrow(`import with --parent ${parent}`);
  await expect(read(() => {}, other)).rejects.toThrow(`points to workspace ${parent}`);
  await read(() => {}, parent);
  expect(await target.database.query('select id, parent_id from workspaces')).toEqual([
    { id: child, parent_id: parent },
  ]);
});

it('goes on with what was broken off by that very file alone', async () => {
  await exportWorkspace(source.tables, { workspaceId: child, clients: false, path, at: 5 });
  await read(() => {}, parent);
  await write();
  // a row that the database does not take a second time
  forge((rows) => void rows.push(...rows.slice(-1)));
  await expect(read()).rejects.toThrow(/unique/iu);
  expect(await settings('value')).toEqual([{ value: '0' }]);
  const { id } = JSON.parse(lines()[0] ?? '') as ExportHeader;
  await write(true);
  forge(() => {}, { id });
  await expect(read()).rejects.toThrow(`there is something of workspace ${child} here already`);
});

it('tells whoever admits a file whether a row hangs on the master secret', async () => {
  await write();
  const seen: boolean[] = [];
  const look = (file: { holdsSecrets: boolean }) => {
    seen.push(file.holdsSecrets);
    throw new Error('seen');
  };
  const readAndLook = () => importWorkspace(target.tables, { path, admit: look });
  await expect(readAndLook()).rejects.toThrow('seen');
  forge((rows) => void rows.unshift(['key_secrets', { workspace_id: parent, key_id: 'key_a', id: 'a' }]));
  await expect(readAndLook()).rejects.toThrow('seen');
  expect(seen).toEqual([false, true]);
});

it.each([
  ['no workspaces', { workspaces: [] }],
  ['no list of secrets', { secret_fingerprints: undefined as never }],
])('refuses a first line with %s', async (_title, header) => {
  await write();
  forge(() => {}, header);
  await expect(read()).rejects.toThrow('the first line is not as an export has it');
});
