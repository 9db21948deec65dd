import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** One of the things that are compared. */
export type Subject = {
  name: string;
  url: string;
  /** The process whose CPU is counted; null for a direct call, which has no server in between. */
  pid: number | null;
  /** Arguments of the load generator for this subject alone. */
  loadArguments: (mode: 'json' | 'sse') => string[];
};

/** One run of the load generator. Times are in milliseconds, CPU in microseconds a turn. */
export type Figures = {
  turns: number;
  errors: number;
  rate: number;
  p50: number;
  ttft50: number;
  srvCpuUs: number | null;
  errSample?: string;
};

const loadProcessor = '1';
/** Turns before the clock starts: enough for a compiler to settle and for a history of 20 messages with 64 users. */
const warmTurns = 1_000;

export const measure = async (
  subject: Subject,
  { mode, level, seconds, tools }: { mode: 'json' | 'sse'; level: number; seconds: number; tools: string },
): Promise<Figures> => {
  const child = spawn(
    'taskset',
    [
      '-c',
      loadProcessor,
      process.execPath,
      join(tools, 'load.mjs'),
      '--name',
      subject.name,
      '--url',
      subject.url,
      '--mode',
      mode,
      '--c',
      String(level),
      '--secs',
      String(seconds),
      '--warm',
      String(warmTurns),
      '--quiet',
      '5',
      ...(subject.pid === null ? [] : ['--pid', String(subject.pid)]),
      ...subject.loadArguments(mode),
    ],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  await once(child, 'close');
  const figures = JSON.parse(output) as Figures;
  if (figures.errors > 0) throw new Error(`${subject.name}, ${mode}: ${figures.errors} errors: ${figures.errSample}`);
  return figures;
};
