import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runSql } from '../server/test/postgres/run-sql.ts';
import { TestPostgres } from '../server/test/postgres/server.ts';
import { childrenOf } from './pinned-process.ts';

/** As an administrator leaves them: what is committed is on the disk, and statistics are kept up. */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  autovacuum: 'on',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
};

/** A PostgreSQL of the measurement's own, in a temporary folder. */
export class BenchPostgres {
  readonly #server: TestPostgres;

  private constructor(server: TestPostgres) {
    this.#server = server;
  }

  /** `processors`: the numbers of those that it may use, as `taskset` takes them. */
  static async start(processors?: string): Promise<BenchPostgres> {
    const server = await TestPostgres.start(settings);
    if (processors !== undefined) {
      const pin = (pid: number) => spawnSync('taskset', ['-c', '-p', processors, String(pid)]).status === 0;
      // what the first process starts later keeps to the same; of its children some may have ended meanwhile
      if (!pin(server.pid)) throw new Error(`PostgreSQL cannot be pinned to ${processors}`);
      for (const pid of childrenOf(server.pid)) pin(pid);
    }
    return new BenchPostgres(server);
  }

  /** The address of a new, empty database. */
  async createDatabase(name: string): Promise<string> {
    await runSql(this.#server.url('postgres'), `create database ${name} template template0`);
    return this.#server.url(name);
  }

  /**
   * Of the processes that work for one database: its sessions, and what writes for all. A process that comes and goes is
   * left out, since what it used would go with it.
   */
  pids(database: string): number[] {
    const works = new RegExp(`^postgres: (?:\\S+ ${database} |checkpointer|walwriter|background writer)`);
    return childrenOf(this.#server.pid).filter((pid) => works.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')));
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
