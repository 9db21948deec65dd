import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Whoever imports one of these, however indirectly, runs on the store of its project. */
const openers = new Set(
  ['boot.ts', 'http-harness.ts', 'temporary-store.ts', 'test-database.ts', 'postgres/database.ts'].map((file) =>
    join(root, 'server/test', file),
  ),
);

/** About SQLite, its file or its data directory alone. */
const ofSqliteAlone = /\/sqlite-[^/]*$/;

/** Where files of tests import each other. */
const ofTests = /^(?:server\/test|e2e)\//;

const importPattern = /(?:from|import)\s+'(?<path>\.[^']+\.ts)'/g;

/** True where the file, or what of the tests' own files it imports, opens a store. */
const opensStore = (path: string, seen: Set<string> = new Set()): boolean => {
  if (openers.has(path)) return true;
  if (seen.has(path)) return false;
  seen.add(path);
  return (
    Array.from(readFileSync(path, 'utf8').matchAll(importPattern), (match) =>
      resolve(dirname(path), match.groups?.['path'] ?? ''),
    )
      // a test of the architecture has imports in its texts that lead nowhere
      .filter((imported) => ofTests.test(relative(root, imported)) && existsSync(imported))
      .some((imported) => opensStore(imported, seen))
  );
};

/** The test files that run on PostgreSQL too, as paths from the root; `slow`: those named `*.slow.test.ts`. */
export const findStoreTests = ({ slow }: { slow: boolean }): string[] =>
  globSync(['server/src/**/*.test.ts', 'server/test/**/*.test.ts', 'e2e/*.test.ts'], { cwd: root })
    .map((path) => join(root, path))
    .filter((path) => path.endsWith('.slow.test.ts') === slow && !ofSqliteAlone.test(path) && opensStore(path))
    .map((path) => relative(root, path));
