import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type Mode = 'json' | 'sse';
/** `fast` answers from memory at once; `slow` gives its first token after 20 ms and one more each 5 ms. */
export type ModelSpeed = 'fast' | 'slow';

/** Where a load goes. */
export type Target = {
  url: string;
  /** The process whose CPU is counted; null for a direct call, which has no server in between. */
  pid: number | null;
  /** Processes of a database beside the server, whose CPU is counted apart. */
  databasePids?: () => number[];
  /** Arguments of the load generator for this target alone. */
  loadArguments: (mode: Mode, level: number) => string[];
};

/** One of the things that are compared. */
export type Subject = {
  name: string;
  target: (speed: ModelSpeed) => Target;
  /** What a round needs beforehand. */
  prepare?: () => Promise<void>;
  /** Waits until nothing is left to do behind the turns, so that the next subject has the machine for itself. */
  settle?: () => Promise<void>;
  /** How many webhooks of its turns have arrived. */
  webhooks?: () => Promise<number>;
};

/** One run of the load generator. Times are in milliseconds, CPU in microseconds a turn. */
export type Figures = {
  turns: number;
  errors: number;
  rate: number;
  p50: number;
  ttft50: number;
  srvCpuUs: number | null;
  /** Of the database's processes. */
  auxCpuUs: number | null;
  /** Of the machine's processors, the share in percent that something else used. */
  otherPct: number;
  /** Webhooks that arrived before the round's end, a turn; null where there are none. */
  webhookShare: number | null;
  errSample?: string;
};

export type Run = { mode: Mode; level: number; speed: ModelSpeed; seconds: number; tools: string };

const loadProcessor = '1';
/** Turns before the clock starts: connections are open then, caches filled, and each user has 20 messages of history. */
const warmTurns = (level: number): number => Math.max(200, 12 * level);
/** How long the generator waits for the rest of the machine to be quiet, in seconds. */
const quietSeconds = 5;

export const measure = async (subject: Subject, run: Run): Promise<Figures> => {
  await subject.prepare?.();
  if (subject.target(run.speed).databasePids) await openConnections(subject, run);
  const before = (await subject.webhooks?.()) ?? null;
  const figures = await load(subject, { ...run, quietSeconds });
  const after = (await subject.webhooks?.()) ?? null;
  await subject.settle?.();
  if (figures.errors > 0) {
    throw new Error(`${subject.name}, ${run.mode}: ${figures.errors} errors: ${figures.errSample}`);
  }
  const webhookShare =
    before === null || after === null ? null : (after - before) / (figures.turns + warmTurns(run.level));
  return { ...figures, webhookShare };
};

/** So that the sessions of the database whose CPU is counted are all there before the round begins. */
const openConnections = (subject: Subject, run: Run): Promise<Figures> =>
  load(subject, { ...run, seconds: 0.5, quietSeconds: 0 });

const load = async (subject: Subject, run: Run & { quietSeconds: number }): Promise<Figures> => {
  const { mode, level, speed, seconds, tools } = run;
  const target = subject.target(speed);
  const flags: Record<string, string | number> = {
    name: subject.name,
    url: target.url,
    mode,
    c: level,
    secs: seconds,
    warm: warmTurns(level),
    quiet: run.quietSeconds,
  };
  const databasePids = target.databasePids?.() ?? [];
  if (target.pid !== null) flags['pid'] = target.pid;
  if (databasePids.length > 0) flags['aux'] = databasePids.join(',');
  const child = spawn(
    'taskset',
    [
      '-c',
      loadProcessor,
      process.execPath,
      join(tools, 'load.mjs'),
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
      ...target.loadArguments(mode, level),
    ],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  await once(child, 'close');
  return JSON.parse(output) as Figures;
};
