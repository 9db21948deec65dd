import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setPriority } from 'node:os';

/** How a process that parses is kept from the network; `hooks` is what the process does to itself. */
export type Isolation = 'namespace' | 'hooks';

export type SandboxOptions = {
  /** The program, and files and folders that it may read beside its own code. */
  entry: string;
  arguments?: readonly string[];
  readable?: readonly string[];
  isolation: Isolation;
  /** Of JavaScript objects; what lies outside them is watched from without. */
  heapBytes: number;
};

/** A process that lost its server ends at this, whatever it is busy with. */
const cpuSeconds = 150;
/** Behind everything that answers a request. */
const lowPriority = 10;
/** `unshare` answers at once, or not at all. */
const probeMs = 3_000;

const shell = '/bin/sh';
const unsharePaths = ['/usr/bin/unshare', '/bin/unshare'];

/**
 * Starts a program that may read its own code and nothing else: Node's permissions keep it from files, other programs,
 * threads and native code; it has no environment, no core dumps, a limit on its CPU time and the lowest priority. Its
 * network is an empty namespace where the system lets a user make one. Standard input and output are pipes.
 */
export const startSandboxed = ({ entry, isolation, heapBytes, ...options }: SandboxOptions): ChildProcess => {
  const node = [
    process.execPath,
    '--permission',
    ...[...codeFolders(), ...(options.readable ?? [])].map((path) => `--allow-fs-read=${path}`),
    '--disable-warning=ExperimentalWarning',
    `--max-old-space-size=${Math.floor(heapBytes / 1024 / 1024)}`,
    `--import=${join(import.meta.dirname, 'child/close-network.ts')}`,
    entry,
    ...(options.arguments ?? []),
  ];
  const limited = existsSync(shell)
    ? [shell, '-c', `ulimit -c 0; ulimit -t ${cpuSeconds}; exec "$@"`, 'parse', ...node]
    : node;
  const unshare = isolation === 'namespace' ? unsharePath() : undefined;
  const [program = process.execPath, ...args] = unshare ? [unshare, '-rn', ...limited] : limited;
  const child = spawn(program, args, { cwd: dirname(entry), env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid !== undefined) lowerPriority(child.pid);
  return child;
};

/** What its own code is: the parsers, the types and errors they share with the server, and the packages. */
const codeFolders = (): string[] => {
  const source = join(import.meta.dirname, '..');
  const server = join(source, '..');
  const root = join(server, '..');
  const packages = [join(server, 'node_modules'), join(root, 'node_modules')].filter((path) => existsSync(path));
  const manifests = [join(server, 'package.json'), join(root, 'package.json')];
  return [import.meta.dirname, join(source, 'core/knowledge'), ...packages, ...manifests];
};

const unsharePath = (): string | undefined => unsharePaths.find((path) => existsSync(path));

const lowerPriority = (pid: number): void => {
  try {
    setPriority(pid, lowPriority);
  } catch {
    // it has ended, or this system has no priorities
  }
};

/** What this machine allows. Never throws. */
export const probeIsolation = (): Promise<Isolation> => {
  const unshare = unsharePath();
  if (!unshare) return Promise.resolve('hooks');
  return new Promise((settle) => {
    const probe = spawn(unshare, ['-rn', shell, '-c', 'exit 0'], { env: {}, stdio: 'ignore', timeout: probeMs });
    probe.on('error', () => settle('hooks'));
    probe.on('exit', (code) => settle(code === 0 ? 'namespace' : 'hooks'));
  });
};
