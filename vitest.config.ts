import { defineConfig } from 'vitest/config';

const tests = ['protocol/**/*.test.ts', 'server/**/*.test.ts', 'bench/**/*.test.ts'];
const slow = '**/*.slow.test.ts';
const ignored = ['**/node_modules/**', '**/data/**'];

/**
 * `fast`: units and behaviour, a minute in all, run on every change. `full`: what takes longer (crashes by the dozen, load,
 * long waits), named `*.slow.test.ts`. `npm test` runs both.
 */
export default defineConfig({
  test: {
    // real processes with real files and sockets: a fork keeps what one test file does to its process to itself
    pool: 'forks',
    allowOnly: false,
    passWithNoTests: false,
    projects: [
      { extends: true, test: { name: 'fast', include: tests, exclude: [slow, ...ignored], testTimeout: 20_000 } },
      {
        extends: true,
        test: { name: 'full', include: [slow], exclude: ignored, testTimeout: 300_000, fileParallelism: false },
      },
    ],
  },
});
