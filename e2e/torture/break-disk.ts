import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Violation } from './evidence.ts';
import { probe } from './client.ts';
import type { Operation } from './history.ts';
import { openVolume } from './failing-volume.ts';
import { type Installation, installOnSqlite } from './installation.ts';
import type { Report } from './kill-process.ts';
import { type Load, startLoad } from './load.ts';
import type { ServerProcess } from './server-process.ts';

/** Small, so that it is filled quickly. */
const volumeMb = 24;
/** Of each message, so that the log outgrows what it has of the disk. */
const padding = 12_000;
const fillPieceBytes = 262_144;
/** For a fault to show in answers, and to be over again. */
const patienceMs = 60_000;
const lookEveryMs = 50;
const probesOfUnready = 5;

/** What a disk may do to the program. `mends`: the program goes on by itself once the fault is over. */
const faults = {
  'disk full': { mends: true },
  'write fails (EIO)': { inject: 'pwrite64:error=EIO', mends: true },
  'write fails (ENOSPC)': { inject: 'pwrite64:error=ENOSPC', mends: true },
  'sync fails (EIO)': { inject: 'fdatasync:error=EIO', mends: false },
} as const satisfies Record<string, { inject?: string; mends: boolean }>;

export type DiskFault = keyof typeof faults;

export const diskFaults = Object.keys(faults) as DiskFault[];

/** What keeps this machine from making system calls fail, in one line; null where nothing does. */
export const whyNoStrace = (): string | null => {
  const { status, error } = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'inject=fdatasync:error=EIO', 'true']);
  if (status === 0) return null;
  return `failing system calls need strace: ${error ? error.message : 'it may not trace here'}`;
};

type Place = { installation: Installation; server: ServerProcess; load: Load; dataDir: string };

/**
 * Breaks the disk under load and mends it again: what is refused meanwhile has not happened, what was acknowledged stays,
 * reads go on, and so do writes afterwards; where a sync failed, after a start.
 */
export const breakDisk = async (options: {
  rounds: number;
  seed: number;
  kinds: readonly DiskFault[];
  note: (line: string) => void;
}): Promise<Report> => {
  const volume = openVolume(volumeMb);
  const installation = await installOnSqlite({ dataDir: volume.dataDir });
  const server = installation.servers[0]!;
  const counts: Record<string, number> = {};
  const violations: Violation[] = [];
  try {
    const firstOutput = await server.startWarm();
    const load = await startLoad(installation, { seed: options.seed, firstOutput, padding, watchQuotas: false });
    const place = { installation, server, load, dataDir: volume.dataDir };
    for (let round = 0; round < options.rounds; round += 1) {
      for (const kind of options.kinds) {
        violations.push(...(await breakOnce(place, kind)));
        counts[kind] = (counts[kind] ?? 0) + 1;
        options.note(`${kind}, ${round + 1}, ${load.history.length} messages`);
      }
    }
    violations.push(...(await load.finish({ faults: options.rounds * options.kinds.length })));
    return { faults: counts, operations: load.history.length, violations };
  } finally {
    await installation.close();
    volume.close();
  }
};

const breakOnce = async (place: Place, kind: DiskFault): Promise<Violation[]> => {
  const { server, load, dataDir } = place;
  const fault: { inject?: string; mends: boolean } = faults[kind];
  await until(`a message that is answered before: ${kind}`, answeredSince(load));
  const filler = join(dataDir, '../filler');
  const tracer = fault.inject === undefined ? null : await traceWith(server.pid, fault.inject);
  if (!tracer) fill(filler);
  // what the disk has room for, and what was under way, is taken yet
  await until(`refusals while: ${kind}`, async () => isRefused(await ask(place, fault)));
  const violations = await checkReads(place, kind);
  if (!fault.mends) violations.push(...(await checkUnready(place)));
  if (tracer) await endTrace(tracer);
  rmSync(filler, { force: true });
  if (!fault.mends) {
    await server.end('SIGKILL');
    await server.start();
  }
  await until(`a message that is answered after: ${kind}`, answeredSince(load));
  return violations;
};

let asked = 0;

/** A message that nobody waits behind; clients may all wait for turns that cannot be stored. */
const ask = async ({ server, load }: Place, { mends }: { mends: boolean }): Promise<Operation> => {
  asked += 1;
  const probed = await probe(
    {
      tenant: load.tenants[0],
      userId: `probe-${asked}`,
      url: () => server.url,
      random: () => 1,
      history: load.history,
      attempts: [],
      padding,
      stopped: () => true,
      patience: AbortSignal.timeout(patienceMs),
    },
    0,
  );
  // what was written and could not be synced may be there afterwards
  if (!mends && probed.outcome === 'refused') probed.outcome = 'unknown';
  return probed;
};

const isRefused = ({ refusals }: Operation): boolean => refusals.includes('storage_unavailable');

const countAnswers = ({ history }: Load): number => history.reduce((sum, { ended }) => sum + ended.length, 0);

const answeredSince = (load: Load): (() => boolean) => {
  const before = countAnswers(load);
  return () => countAnswers(load) > before;
};

const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const giveUpAt = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`there was never: ${what}`);
    await setTimeout(lookEveryMs);
  }
};

/** Bots are read whatever the disk does; conversations, where nothing that is told of them can be lost any more. */
const checkReads = async ({ server, load }: Place, kind: DiskFault): Promise<Violation[]> => {
  const [tenant] = load.tenants;
  const read = async (path: string): Promise<number> => {
    const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${tenant.key}` } });
    await response.arrayBuffer();
    return response.status;
  };
  const paths = [`/v1/bots/${tenant.botId}`, ...(faults[kind].mends ? ['/v1/conversations', '/v1/usage'] : [])];
  const answers = await Promise.all(paths.map(async (path) => ({ path, status: await read(path) })));
  return answers.flatMap(({ path, status }) =>
    status === 200 ? [] : [{ invariant: 'reads', what: `${path} is answered ${status} while: ${kind}` }],
  );
};

/** A sync that failed is never taken for one that worked: nothing is acknowledged until the server is started anew. */
const checkUnready = async (place: Place): Promise<Violation[]> => {
  const { server, load } = place;
  await until('an unready server', async () => (await fetch(`${server.url}/readyz`)).status === 503);
  const before = countAnswers(load);
  const probes = await Promise.all(
    Array.from({ length: probesOfUnready }, () => ask(place, faults['sync fails (EIO)'])),
  );
  const taken = probes.filter((probed) => !isRefused(probed)).length + countAnswers(load) - before;
  return taken === 0 ? [] : [{ invariant: 'acknowledged', what: `${taken} messages behind a sync that failed` }];
};

const fill = (path: string): void => {
  const piece = Buffer.alloc(fillPieceBytes, 1);
  for (let size = piece.length; size >= 512;) {
    try {
      appendFileSync(path, piece.subarray(0, size));
    } catch {
      // what is left takes smaller pieces
      size /= 2;
    }
  }
};

/** From now on every such call of the process fails. */
const traceWith = async (pid: number, inject: string): Promise<ChildProcess> => {
  const [call = ''] = inject.split(':');
  const args = ['-f', '-o', '/dev/null', '-p', String(pid), '-e', `trace=${call}`, '-e', `inject=${inject}`];
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  // it says so once it has all the threads
  await once(tracer.stderr, 'data');
  return tracer;
};

const endTrace = async (tracer: ChildProcess): Promise<void> => {
  const ended = once(tracer, 'exit');
  tracer.kill('SIGTERM');
  await ended;
};
