/**
 * Repeats what `npm test` does a few times with several servers on one PostgreSQL and one Redis: 20 bursts of 1,000
 * messages on a quota of 100, and 10,000 readers that come and go.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'scripts/test.mjs'),
    '--project=postgres-full',
    'server/test/postgres-replica-quota.slow.test.ts',
    'server/test/postgres-replica-readers.slow.test.ts',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit', env: { QUOTA_ROUNDS: '20', CONNECTS: '10000', ...process.env } },
);
process.exitCode = status ?? 1;
