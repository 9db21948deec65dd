import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCompiledCode } from './compiled-code.ts';

const main = join(import.meta.dirname, '../src/main.ts');

export type Environment = Record<string, string>;

/** What a finished command left. `code` is null where a signal ended it. */
export type Finished = { code: number | null; answer: string; note: string };

/** A server in a process of its own. */
export type RunningServer = {
  url: string;
  /** Everything it has written so far. */
  output(): string;
  /** Resolves once it has ended by itself. */
  ended: Promise<Finished>;
  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Finished>;
};

/** Runs the command line in processes of its own, each test in a folder of its own; `cleanUp` ends and removes it all. */
export const commandLine = () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-command-'));
  const children = new Set<ChildProcess>();
  const compiled = findCompiledCode();
  const own: Environment = {
    PATH: '/usr/bin:/bin',
    PARLEY_DATA_DIR: join(folder, 'data'),
    PARLEY_PORT: '0',
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
  };

  const launch = (args: readonly string[], environment: Environment) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: { ...own, ...environment } });
    children.add(child);
    const streams = { answer: '', note: '' };
    child.stdout.on('data', (chunk: Buffer) => (streams.answer += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (streams.note += chunk.toString()));
    const finished = once(child, 'close').then(([code]): Finished => ({ code: code as number | null, ...streams }));
    return { child, streams, finished };
  };

  return {
    folder,
    dataDir: join(folder, 'data'),

    run: (args: readonly string[], environment: Environment = {}): Promise<Finished> =>
      launch(args, environment).finished,

    /** Starts a command that a test may end before it is done. */
    begin(args: readonly string[], environment: Environment = {}) {
      const { child, finished } = launch(args, environment);
      return {
        finished,
        end: (signal: NodeJS.Signals): Promise<Finished> => {
          child.kill(signal);
          return finished;
        },
      };
    },

    /** Starts a server and waits until it listens; throws with what it said where it does not. */
    async serve(environment: Environment = {}): Promise<RunningServer> {
      const { child, streams, finished } = launch(['start'], environment);
      const listening = new Promise<string>((resolve) => {
        child.stdout.on('data', () => {
          const url = /listens on (?<url>http:\S+)/.exec(streams.answer)?.groups?.['url'];
          if (url !== undefined) resolve(url);
        });
      });
      const failed = finished.then((end): never => {
        throw new Error(`the server ended with ${end.code}: ${end.note}`);
      });
      const url = await Promise.race([listening, failed]);
      failed.catch(() => {});
      return {
        url,
        output: () => streams.answer + streams.note,
        ended: finished,
        signal: (signal) => void child.kill(signal),
        end: (signal) => {
          child.kill(signal);
          return finished;
        },
      };
    },

    async cleanUp(): Promise<void> {
      const ends = [...children]
        .filter((child) => child.exitCode === null && child.signalCode === null)
        .map((child) => {
          const end = once(child, 'close');
          child.kill('SIGKILL');
          return end;
        });
      await Promise.all(ends);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
