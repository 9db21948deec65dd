/**
 * Asks ten times as much of the API as `npm test` does: 3,000 requests to every operation of its description, and ten
 * times the sequences. `npm run fuzz -- --project full` keeps to SQLite; FUZZ_SEED=… repeats a run that failed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'scripts/test.mjs'),
    'server/test/fuzz.slow.test.ts',
    'server/test/sequences.slow.test.ts',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { FUZZ_CASES: '3000', FUZZ_SEQUENCES: '600', ...process.env } },
);
process.exitCode = status ?? 1;
