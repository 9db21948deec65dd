import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** A program of a measurement, on the one processor that it may use. */
export type PinnedProcess = { pid: number; stop(): Promise<void> };

/** Starts a program of Node's; it looks for packages in `cwd`. */
export const startPinned = (
  file: string,
  options: { processor: string; cwd: string; args?: readonly string[]; env?: Record<string, string> },
): PinnedProcess => {
  const child = spawn('taskset', ['-c', options.processor, process.execPath, file, ...(options.args ?? [])], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { pid: child.pid ?? 0, stop: () => end(child) };
};

/** How long a program may take to end by itself. */
const endBudgetMs = 10_000;

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  // a foreign server may hold on to connections
  const timer = setTimeout(() => child.kill('SIGKILL'), endBudgetMs);
  await ended;
  clearTimeout(timer);
};

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
};

/** The processes that a process has started, as Linux knows them. */
export const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
