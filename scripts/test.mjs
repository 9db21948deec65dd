/**
 * Runs every test and ends with one line of counts, `12 passed, 0 failed`. Fails when a test failed and when none ran.
 * Installs PostgreSQL, Redis and Chromium where they are missing and may be installed without asking; not with
 * `TEST_INSTALL=off`.
 * Arguments go to vitest: `npm test -- --project fast chat`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTestPrograms } from './install-test-programs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldestMajor = 24;

/** Node 24 as an installed package, for machines whose own Node is older. */
const nodePath = () => {
  if (Number(process.versions.node.split('.')[0]) >= oldestMajor) return process.execPath;
  const packaged = join(root, 'node_modules/.bin/node');
  if (existsSync(packaged)) return packaged;
  console.error(`Node ${oldestMajor} or newer is needed; this is ${process.version}.`);
  process.exit(1);
};

/**
 * Runs vitest to its end; resolves with its exit code. `compiledPath`: where compiled code is kept, which every test file
 * and every server that a test starts would compile anew.
 */
const runVitest = (node, { reportPath, compiledPath }) =>
  new Promise((resolve) => {
    const child = spawn(
      node,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${reportPath}`,
        ...process.argv.slice(2),
      ],
      {
        cwd: root,
        stdio: 'inherit',
        env: {
          NODE_COMPILE_CACHE: compiledPath,
          ...process.env,
          PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
        },
      },
    );
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });

/** A file that could not be loaded has no failed test in it, and counts as one. */
const readCounts = (reportPath) => {
  if (!existsSync(reportPath)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

installTestPrograms();
const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
try {
  const reportPath = join(folder, 'report.json');
  const code = await runVitest(nodePath(), { reportPath, compiledPath: join(folder, 'compiled') });
  const { passed, failed, skipped } = readCounts(reportPath);
  // an error outside every test fails the run without failing one
  const failures = code !== 0 && failed === 0 && passed > 0 ? 1 : failed;
  if (passed + failed === 0) console.error('No test ran.');
  process.exitCode = code !== 0 || failures > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
