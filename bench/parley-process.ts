import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const mainPath = join(import.meta.dirname, '../server/src/main.ts');
const startBudgetMs = 30_000;
const healthPauseMs = 5;

/** The program, started as its users start it. */
export type ParleyProcess = {
  url: string;
  /** The secret that the first start in a data directory prints; null at every later one. */
  firstKey: string | null;
  pid: number;
  /** From the start of the process to its first healthy answer, in milliseconds. */
  startUpMs: number;
  stop(): Promise<void>;
};

/** Resolves with the first healthy answer. `processor`: the number of the only one that the process may use. */
export const startParley = async (options: {
  dataDir: string;
  env?: Record<string, string>;
  processor?: string;
}): Promise<ParleyProcess> => {
  const startedAt = performance.now();
  const child = spawnParley(options);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const { url, firstKey } = await welcome(child);
    await answering(`${url}/healthz`, { pauseMs: healthPauseMs });
    return { url, firstKey, pid: child.pid ?? 0, startUpMs: performance.now() - startedAt, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const spawnParley = ({ dataDir, env, processor }: Parameters<typeof startParley>[0]): ChildProcess => {
  const command = [process.execPath, mainPath, 'start'];
  const [program = '', ...args] = processor === undefined ? command : ['taskset', '-c', processor, ...command];
  return spawn(program, args, {
    env: {
      PATH: process.env['PATH'],
      PARLEY_HOST: '127.0.0.1',
      PARLEY_PORT: '0',
      PARLEY_LOG: 'warn',
      PARLEY_DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
};

/** Where it listens and its first key, from what it prints. */
const welcome = (child: ChildProcess): Promise<{ url: string; firstKey: string | null }> =>
  new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error('Parley did not start in time')), startBudgetMs);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`Parley did not start: ${output}`)));
    child.stdout?.on('data', (part: Buffer) => {
      output += part.toString();
      const url = /listens on (\S+)/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve({ url, firstKey: /prl_live_\w+/.exec(output)?.[0] ?? null });
    });
  });

/** Resolves once a GET of `url` succeeds. */
export const answering = async (url: string, { pauseMs }: { pauseMs: number }): Promise<void> => {
  const giveUpAt = performance.now() + startBudgetMs;
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet listening
    }
    if (performance.now() > giveUpAt) throw new Error(`${url} does not answer`);
    await new Promise((wake) => {
      setTimeout(wake, pauseMs);
    });
  }
};

/** Memory of a process that is in RAM, in MB; as Linux counts it. */
export const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
