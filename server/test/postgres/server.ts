import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../free-port.ts';
import { findBinaries } from './find-binaries.ts';
import { runSql } from './run-sql.ts';

/** In the URL of every test database, so that tests can look for it where it must never stand. */
export const canaryPassword = 'canary-7f3a9c';

/** Migrated; those of the tests are copied from it. */
export const templateDatabase = 'parley_template';

/** The address of a database; with a password, which the server does not ask for. */
export const databaseUrl = (port: number, database: string): string =>
  `postgres://parley:${canaryPassword}@127.0.0.1:${port}/${database}`;

/** PostgreSQL refuses to run as root, which containers of tests often are. */
const unprivilegedUsers = ['postgres', 'nobody'];
const startTimeoutMs = 30_000;

type Owner = { uid: number; gid: number };

/** Null where this process may run PostgreSQL as it is. */
const findOwner = (): Owner | null => {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const user of unprivilegedUsers) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${user}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`PostgreSQL does not run as root, and there is no user ${unprivilegedUsers.join(' or ')}`);
};

/**
 * A server that ends with this process however that ends: the shell waits for the end of its input, which nobody writes
 * to. What runs in the background gets no input of its own, so it is handed on as number 3.
 */
const guarded = [
  'exec 3<&0',
  '"$0" "$@" 3<&- & server=$!',
  '(cat <&3 >/dev/null; touch "$FOLDER/abandoned"; kill -QUIT $server) & guard=$!',
  'wait $server',
  'kill $guard 2>/dev/null',
  'if [ -e "$FOLDER/abandoned" ]; then rm -rf "$FOLDER"; fi',
].join('\n');

/**
 * A PostgreSQL server of its own in a temporary folder, on a free port of the loopback. Its databases sort text by the
 * rules of English, so that what depends on the order of bytes shows. Without fsync: it never outlives the machine.
 */
export class TestPostgres {
  readonly port: number;
  readonly #folder: string;
  readonly #binaries: string;
  readonly #owner: Owner | null;
  readonly #settings: Record<string, string>;
  #process: ChildProcess | null = null;

  private constructor(parts: {
    port: number;
    folder: string;
    binaries: string;
    owner: Owner | null;
    settings: Record<string, string>;
  }) {
    this.port = parts.port;
    this.#settings = parts.settings;
    this.#folder = parts.folder;
    this.#binaries = parts.binaries;
    this.#owner = parts.owner;
  }

  /** `settings` go before those of tests. Throws where PostgreSQL is not installed. */
  static async start(settings: Record<string, string> = {}): Promise<TestPostgres> {
    const binaries = findBinaries();
    if (binaries === null) throw new Error('PostgreSQL 15 or newer is not installed: apt-get install postgresql');
    const owner = findOwner();
    const folder = mkdtempSync(join(tmpdir(), 'parley-postgres-'));
    chmodSync(folder, 0o700);
    if (owner) chownSync(folder, owner.uid, owner.gid);
    const locale = ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C', '--encoding=UTF8'];
    execFileSync(
      join(binaries, 'initdb'),
      ['--pgdata', join(folder, 'data'), '--username=parley', '--auth=trust', '--no-sync', ...locale],
      { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder, ...owner },
    );
    const server = new TestPostgres({ port: await findFreePort(), folder, binaries, owner, settings });
    await server.resume();
    return server;
  }

  url(database: string): string {
    return databaseUrl(this.port, database);
  }

  /** Of the process that starts all others. */
  get pid(): number {
    return Number(readFileSync(join(this.#folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** Starts it, again after a `stop`, and waits until it takes connections. */
  async resume(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.#folder,
      fsync: 'off',
      max_connections: '300',
      shared_buffers: '64MB',
      max_wal_size: '256MB',
      // what a test reads twice must not depend on when statistics were taken
      autovacuum: 'off',
      log_min_messages: 'fatal',
      log_min_error_statement: 'panic',
      ...this.#settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#process = spawn(
      '/bin/sh',
      ['-c', guarded, join(this.#binaries, 'postgres'), '-D', join(this.#folder, 'data'), ...flags],
      {
        stdio: ['pipe', 'ignore', 'ignore'],
        cwd: this.#folder,
        env: { PATH: '/usr/bin:/bin', FOLDER: this.#folder },
        ...this.#owner,
      },
    );
    const giveUpAt = performance.now() + startTimeoutMs;
    for (;;) {
      try {
        await runSql(this.url('postgres'), 'select 1');
        return;
      } catch (error) {
        if (performance.now() > giveUpAt || this.#process.exitCode !== null) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      }
    }
  }

  /** `immediate`: as a crash; `fast`: as an administrator would. */
  async stop(how: 'immediate' | 'fast'): Promise<void> {
    const running = this.#process;
    if (running === null) return;
    this.#process = null;
    const ended = once(running, 'exit');
    process.kill(this.pid, how === 'immediate' ? 'SIGQUIT' : 'SIGINT');
    await ended;
    running.stdin?.destroy();
  }

  /** Ends it, and removes everything it has stored. */
  async close(): Promise<void> {
    await this.stop('immediate');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
