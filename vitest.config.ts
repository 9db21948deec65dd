import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { findBinaries } from './server/test/postgres/find-binaries.ts';
import { findStoreTests } from './server/test/postgres/find-tests.ts';

const tests = ['protocol/**/*.test.ts', 'server/src/**/*.test.ts', 'bench/**/*.test.ts', 'e2e/torture/*.test.ts'];
const slow = '**/*.slow.test.ts';
/** Tests of behaviour that a quick answer cannot do without: the rules of the house, and what everybody uses. */
const mainJob = ['architecture', 'chat', 'docs', 'idempotency', 'quota', 'sqlite-plans', 'turn-sql'].map(
  (name) => `server/test/${name}.test.ts`,
);
const behaviour = 'server/test/**/*.test.ts';
const onPostgresAlone = '**/postgres-*.test.ts';
const ignored = ['**/node_modules/**', '**/data/**'];

/** A name that no test has: without PostgreSQL what needs it is counted as skipped. */
const noTest = /^\b$/;
const postgres =
  findBinaries() === null ? { testNamePattern: noTest } : { globalSetup: 'server/test/postgres/setup.ts' };

/** How much the property tests ask, as a command sets it (`scripts/fuzz.mjs`); the seed repeats a run. */
const fuzz = {
  cases: Number(process.env['FUZZ_CASES'] ?? 300),
  sequences: Number(process.env['FUZZ_SEQUENCES'] ?? 60),
  seed: Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31),
};

/** How often the tests of several servers repeat what they do, as a command sets it (`scripts/replicas.mjs`). */
const replicas = {
  quotaRounds: Number(process.env['QUOTA_ROUNDS'] ?? 2),
  connects: Number(process.env['CONNECTS'] ?? 1_000),
};

// how long a busy machine may take before a test counts as hung: never a measure of how fast anything is
const quick = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: Math.max(2, availableParallelism()) };
/** Two at a time: most of them wait, for leases, restarts and limits of time, and some are several servers under load. */
const long = { testTimeout: 300_000, hookTimeout: 120_000, maxWorkers: 2, sequence: { groupOrder: 1 } };

/**
 * `fast`: units, and the behaviour that everybody uses: an answer in a minute. `behaviour`: the rest of it. `full`: what
 * takes longer (crashes by the dozen, load, long waits), named `*.slow.test.ts`. All on SQLite. `postgres` and
 * `postgres-full`: the same for every test that opens a store, on a PostgreSQL that the run starts for itself. `npm test`
 * runs all five.
 */
export default defineConfig({
  test: {
    // real processes with real files and sockets: a fork keeps what one test file does to its process to itself
    pool: 'forks',
    allowOnly: false,
    passWithNoTests: false,
    // what a test waits for comes in milliseconds, but not on a machine that does three other things
    expect: { poll: { timeout: 15_000 } },
    provide: { fuzz, replicas },
    projects: [
      {
        extends: true,
        test: { ...quick, name: 'fast', include: [...tests, ...mainJob], exclude: [slow, ...ignored] },
      },
      {
        extends: true,
        test: {
          ...quick,
          name: 'behaviour',
          include: [behaviour],
          exclude: [slow, onPostgresAlone, ...mainJob, ...ignored],
        },
      },
      { extends: true, test: { ...long, name: 'full', include: [slow], exclude: [onPostgresAlone, ...ignored] } },
      {
        extends: true,
        test: { ...quick, ...postgres, name: 'postgres', include: findStoreTests({ slow: false }) },
      },
      {
        extends: true,
        test: { ...long, ...postgres, name: 'postgres-full', include: findStoreTests({ slow: true }) },
      },
    ],
  },
});
