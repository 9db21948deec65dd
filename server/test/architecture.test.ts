import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkArchitecture } from './architecture-check.ts';
import { scanFolder, scanSource } from './import-scan.ts';

const source = join(import.meta.dirname, '../src');
const trees: string[] = [];

/** Writes a small source tree and says what is wrong with it. */
const problemsOf = (files: Record<string, string>): string[] => {
  const root = mkdtempSync(join(tmpdir(), 'parley-architecture-'));
  trees.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return checkArchitecture(scanFolder(root));
};

afterEach(() => {
  for (const root of trees.splice(0)) rmSync(root, { recursive: true });
});

test('the source keeps to the import rules', () => {
  const files = scanFolder(source);
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => file.specifiers).length).toBeGreaterThan(files.length);
  expect(checkArchitecture(files)).toEqual([]);
});

test('the protocol imports nothing of ours, and its error catalogue nothing at all', () => {
  const files = scanFolder(join(import.meta.dirname, '../../protocol/src'));
  expect(files.length).toBeGreaterThan(0);
  const foreign = files.flatMap((file) =>
    file.specifiers.filter((specifier) => !specifier.startsWith('./') && specifier !== 'zod'),
  );
  expect(foreign).toEqual([]);
  expect(files.find((file) => file.path === 'error-catalogue.ts')?.specifiers).toEqual([]);
});

test('a tree that keeps to the rules has no problems', () => {
  const problems = problemsOf({
    'kit/id.ts': "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID;",
    'core/job/job-store.ts': "import { id } from '../../kit/id.ts';\nexport const job = id;",
    'core/store.ts': "export type { job } from './job/job-store.ts';",
    'store/sql.ts': "import { sql } from 'kysely';\nimport type { job } from '../core/job/job-store.ts';",
    'config/env.ts': 'export const read = () => process.env;',
    'app.ts': "const store = await import('./store/sql.ts');",
    'main.ts': "import { createApp } from './app.ts';",
  });
  expect(problems).toEqual([]);
});

test.each([
  ['no files at all', {}, 'no source files were found'],
  [
    'core that imports http',
    { 'core/a.ts': "import { b } from '../http/b.ts';", 'http/b.ts': '' },
    'core/a.ts imports http/b.ts: core may not import http',
  ],
  [
    'a type import across a forbidden edge',
    { 'store/a.ts': "import type { b } from '../model/b.ts';", 'model/b.ts': '' },
    'store/a.ts imports model/b.ts: store may not import model',
  ],
  [
    'a forbidden edge by an import call',
    { 'kit/a.ts': "const core = await import('../core/b.ts');", 'core/b.ts': '' },
    'kit/a.ts imports core/b.ts: kit may not import core',
  ],
  [
    'a forbidden edge by a re-export over several lines',
    { 'model/a.ts': "export {\n  b,\n} from '../store/b.ts';", 'store/b.ts': '' },
    'model/a.ts imports store/b.ts: model may not import store',
  ],
  [
    'the web framework outside http',
    { 'core/a.ts': "import fastify from 'fastify';" },
    'core/a.ts imports fastify, which is at home in http alone',
  ],
  [
    'a database driver outside store',
    { 'command/a.ts': "import { DatabaseSync } from 'node:sqlite';" },
    'command/a.ts imports node:sqlite, which is at home in store alone',
  ],
  [
    'part of a database package outside store',
    { 'http/a.ts': "import { Migrator } from 'kysely/migration';" },
    'http/a.ts imports kysely/migration, which is at home in store alone',
  ],
  [
    'vendor HTTP outside model',
    { 'http/a.ts': "import { request } from 'undici';" },
    'http/a.ts imports undici, which is at home in kit/outbound, model alone',
  ],
  [
    'a socket in kit outside the guarded fetch',
    { 'kit/a.ts': "import { connect } from 'node:net';" },
    'kit/a.ts imports node:net, which is at home in command, compose, http, kit/outbound, store alone',
  ],
  [
    'a look-up of names outside the guarded fetch',
    { 'http/a.ts': "import { lookup } from 'node:dns/promises';" },
    'http/a.ts imports node:dns/promises, which is at home in kit/outbound alone',
  ],
  [
    'the call that everybody has',
    { 'core/a.ts': 'export const get = () => fetch(url);' },
    'core/a.ts calls fetch, which knows no guard',
  ],
  [
    'a parser in the process of the server',
    { 'document/a.ts': "import { parse } from 'csv-parse/sync';" },
    'document/a.ts imports csv-parse/sync, which is at home in document/child alone',
  ],
  [
    'the program that parses, loaded by whoever starts it',
    { 'document/a.ts': "const child = await import('./child/main.ts');", 'document/child/main.ts': '' },
    'document/a.ts imports document/child/main.ts, which runs in a process of its own',
  ],
  [
    'the inside of the folder that starts it',
    { 'app.ts': "import './document/answer-reader.ts';", 'document/answer-reader.ts': '' },
    'app.ts imports document/answer-reader.ts, which is no entrance of document',
  ],
  [
    'a parser imported by a job',
    { 'job/a.ts': "import '../document/sandbox.ts';", 'document/sandbox.ts': '' },
    'job/a.ts imports document/sandbox.ts: job may not import document',
  ],
  [
    'the wire in core',
    { 'core/a.ts': "import { chat } from '@parley/protocol/chat';" },
    'core/a.ts imports @parley/protocol/chat, which is at home in http alone',
  ],
  [
    'a package nobody placed',
    { 'kit/a.ts': "import x from 'left-pad';" },
    'kit/a.ts imports left-pad, a package without a room',
  ],
  [
    'the environment read outside its reader',
    { 'http/a.ts': 'export const port = process.env.PORT;' },
    'http/a.ts reads the environment, which config/env.ts alone may',
  ],
  [
    'the environment imported by name',
    { 'http/a.ts': "import { env } from 'node:process';" },
    'http/a.ts reads the environment, which config/env.ts alone may',
  ],
  [
    'a text normalised without a bound on its marks',
    { 'core/a.ts': "export const fold = (text: string) => text.trim().normalize('NFKD');" },
    'core/a.ts normalises a text, which core/knowledge/normal-form.ts alone may',
  ],
  ['a folder nobody named', { 'utils/a.ts': '' }, 'utils/a.ts lies in utils, which is not in the table of folders'],
  [
    'an import of nothing',
    { 'kit/a.ts': "import './gone.ts';" },
    'kit/a.ts imports ./gone.ts, which is no source file',
  ],
  [
    'an import by a computed name',
    { 'kit/a.ts': 'export const load = (name: string) => import(name);' },
    'kit/a.ts has an import that cannot be followed',
  ],
  [
    'two files in a cycle',
    { 'kit/a.ts': "import './b.ts';", 'kit/b.ts': "import type { A } from './a.ts';" },
    'files in a cycle: kit/a.ts → kit/b.ts → kit/a.ts',
  ],
  [
    'two folders in a cycle that no file is in',
    {
      'core/a.ts': "import '../kit/a.ts';",
      'kit/a.ts': '',
      'kit/b.ts': "import '../core/b.ts';",
      'core/b.ts': '',
    },
    'folders in a cycle: core → kit → core',
  ],
])('the check refuses %s', (_what, files, problem) => {
  expect(problemsOf(files)).toContain(problem);
});

test('the scan reads code and not comments or strings', () => {
  const scanned = scanSource(
    'kit/a.ts',
    [
      "// import { a } from 'a';",
      "/* import 'b'; process.env.X */",
      "const url = 'https://example.org/?fetch(url)'; // process.env.Y",
      "import c, { type D } from 'c';",
      "export * from './d.ts';",
    ].join('\n'),
  );
  expect(scanned).toEqual({
    path: 'kit/a.ts',
    specifiers: ['c', './d.ts'],
    hidesImports: false,
    readsEnvironment: false,
    callsFetch: false,
    normalises: false,
  });
});
