import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where Debian keeps PostgreSQL's programs, a folder for each version. */
const postgresRoot = '/usr/lib/postgresql';
/** PostgreSQL's package would start a server of its own, which nobody here needs. */
const noServer = '/etc/postgresql-common/createcluster.d/parley-tests.conf';

const onPath = (name) => (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));

const hasPostgres = () => {
  const versions = existsSync(postgresRoot) ? readdirSync(postgresRoot) : [];
  return onPath('initdb') || versions.some((version) => existsSync(join(postgresRoot, version, 'bin/initdb')));
};

const hasChromium = () =>
  ['chromium', 'chromium-browser', 'google-chrome', 'chrome'].some(onPath) || existsSync('/usr/bin/chromium');

const hasRedis = () => onPath('redis-server') || existsSync('/usr/bin/redis-server');

const run = (command) =>
  spawnSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;

/** The words before a command that needs root; null where there is no way to it without asking somebody. */
const asRoot = () => {
  if (process.getuid?.() === 0) return ['env'];
  return onPath('sudo') && run(['sudo', '-n', 'true']) ? ['sudo', '-n'] : null;
};

const install = (...packages) => {
  const root = onPath('apt-get') ? asRoot() : null;
  if (root === null) return false;
  console.log(`Installing ${packages.join(', ')} for the tests.`);
  const quietly = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq'];
  const known = packages.every((name) => run(['apt-cache', 'show', name]));
  return (
    (known || run([...quietly, 'update'])) && run([...quietly, 'install', '-y', '--no-install-recommends', ...packages])
  );
};

const installPostgres = () => {
  if (process.getuid?.() === 0 && !existsSync(noServer)) {
    mkdirSync(dirname(noServer), { recursive: true });
    writeFileSync(noServer, 'create_main_cluster = false\n');
  }
  return install('postgresql');
};

/** Debian starts services when they are installed, unless this says no: nobody here needs one. */
const startPolicy = '/usr/sbin/policy-rc.d';

const installRedis = () => {
  const ours = process.getuid?.() === 0 && !existsSync(startPolicy);
  if (ours) writeFileSync(startPolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return install('redis-server');
  } finally {
    if (ours) rmSync(startPolicy);
  }
};

const programs = [
  { name: 'PostgreSQL', tests: 'its tests', packageName: 'postgresql', has: hasPostgres, install: installPostgres },
  { name: 'Redis', tests: 'its tests', packageName: 'redis-server', has: hasRedis, install: installRedis },
  {
    name: 'Chromium',
    tests: 'tests in a browser',
    packageName: 'chromium',
    has: hasChromium,
    install: () => install('chromium'),
  },
];

/**
 * Makes sure of the programs that some tests need: installs what is missing, where that needs nobody's password and
 * `TEST_INSTALL=off` does not forbid it. Says in a line for each what is missing, and how it is installed; the tests that
 * need it are skipped then.
 */
export const installTestPrograms = (wanted = programs) => {
  const mayInstall = process.env.TEST_INSTALL !== 'off';
  for (const { name, tests, packageName, has, install: get } of wanted) {
    if (has() || (mayInstall && get())) continue;
    console.log(`${name} is not here: ${tests} are skipped. Install it with: apt-get install ${packageName}`);
  }
};
