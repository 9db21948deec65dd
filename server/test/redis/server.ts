import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../free-port.ts';
import { findRedis } from './find-redis.ts';

const startTimeoutMs = 30_000;
/** In the address, so that tests can look for it where it must never stand. */
export const redisPassword = 'canary-4e1c07';

/** Ends with the process that started it, however that ends: the shell waits for the end of its input. */
const guarded = [
  'exec 3<&0',
  '"$0" "$@" 3<&- & server=$!',
  '(cat <&3 >/dev/null; kill -KILL $server 2>/dev/null) & guard=$!',
  'echo $server',
  'wait $server',
  'kill $guard 2>/dev/null',
].join('\n');

/** A Redis of its own on a free port of the loopback, which stores nothing on the disk. */
export class TestRedis {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  #process: ChildProcess | null = null;
  #pid = 0;

  private constructor(parts: { port: number; program: string; folder: string }) {
    this.port = parts.port;
    this.#program = parts.program;
    this.#folder = parts.folder;
  }

  /** Throws where Redis is not installed. */
  static async start(): Promise<TestRedis> {
    const program = findRedis();
    if (program === null) throw new Error('Redis is not installed: apt-get install redis-server');
    const folder = mkdtempSync(join(tmpdir(), 'parley-redis-'));
    const server = new TestRedis({ port: await findFreePort(), program, folder });
    await server.resume();
    return server;
  }

  get url(): string {
    return `redis://:${redisPassword}@127.0.0.1:${this.port}/0`;
  }

  /** Starts it, again after a `kill`, and waits until it answers. */
  async resume(): Promise<void> {
    const settings = {
      port: String(this.port),
      bind: '127.0.0.1',
      dir: this.#folder,
      save: '',
      appendonly: 'no',
      requirepass: redisPassword,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#process = spawn('/bin/sh', ['-c', guarded, this.#program, ...flags], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: this.#folder,
      env: { PATH: '/usr/bin:/bin' },
    });
    const [first] = (await once(this.#process.stdout!, 'data')) as [Buffer];
    this.#pid = Number(first.toString().split('\n')[0]);
    this.#process.stdout!.resume();
    const giveUpAt = performance.now() + startTimeoutMs;
    while (!(await this.#answers())) {
      if (performance.now() > giveUpAt) throw new Error('Redis does not answer');
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  /** Runs a command on a connection of its own. */
  async run(command: string, ...values: string[]): Promise<unknown> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(command, ...values);
    } finally {
      client.disconnect();
    }
  }

  /** Holds it: connections stay, and nothing is answered. */
  pause(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  goOn(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running === null) return;
    this.#process = null;
    const ended = once(running, 'exit');
    process.kill(this.#pid, 'SIGKILL');
    await ended;
    running.stdin?.destroy();
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.run('PING')) === 'PONG';
    } catch {
      return false;
    }
  }
}
