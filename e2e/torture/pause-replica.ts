import { setTimeout } from 'node:timers/promises';
import { failpointNames } from '../../server/src/kit/failpoint.ts';
import { type Installation, installReplicas, leaseMs } from './installation.ts';
import type { Report } from './kill-process.ts';
import type { Violation } from './evidence.ts';
import type { Attempt } from './history.ts';
import { startLoad } from './load.ts';
import { checkOthers, type Outage } from './check-others.ts';
import { between, seededRandom } from './random.ts';
import { ServerEnded, type ServerProcess } from './server-process.ts';

/** From the end of a lease until the others have taken, and mostly ended, what the sleeper held. */
const shortestPauseMs = leaseMs;
const longestPauseMs = 3 * leaseMs;
/** So slow that a sleeper often wakes while another runs its turn. */
const modelPauseMs = 120;
const latestMs = 500;
/** A failpoint that the load does not reach by then is left, and the pause is made at that time. */
const failpointBudgetMs = 10_000;

export type ReplicaOptions = {
  rounds: number;
  seed: number;
  replicas: number;
  redisUrl?: string;
  note: (line: string) => void;
};

/** Pauses one replica after the other, at any time and at failpoints, until its turns are others'; then it wakes as a zombie. */
export const pauseReplicas = (options: ReplicaOptions): Promise<Report> =>
  disturb({ ...options, modelPauseMs }, async (server, { random, round }) => {
    const name = round % 2 === 0 ? null : (failpointNames[((round - 1) / 2) % 6] ?? null);
    let hit = false;
    if (name !== null) {
      await server.end('SIGKILL');
      await server.launch({ PARLEY_FAILPOINT: `${name}:pause:${between(random, 1, 4)}` });
      hit = await stopsAt(server);
    } else await setTimeout(between(random, 0, latestMs));
    server.signal('SIGSTOP');
    await setTimeout(between(random, shortestPauseMs, longestPauseMs));
    server.signal('SIGCONT');
    return hit && name !== null ? `pause, ${name}` : 'pause, any time';
  });

/** Kills one replica after the other; the rest serve on, and hardly a request to them fails. */
export const killReplicas = async (options: ReplicaOptions): Promise<Report> => {
  const outages: Outage[] = [];
  return disturb(
    options,
    async (server, { random }) => {
      await setTimeout(between(random, 0, latestMs));
      const from = performance.now();
      await server.end('SIGKILL');
      // the others take over before it is back
      await setTimeout(between(random, 0, leaseMs + 500));
      await server.start();
      outages.push({ url: server.url, from, to: performance.now() });
      return 'kill, any time';
    },
    (attempts) => checkOthers(attempts, outages, options.note),
  );
};

const disturb = async (
  options: ReplicaOptions & { modelPauseMs?: number },
  fault: (server: ServerProcess, place: { random: () => number; round: number }) => Promise<string>,
  check: (attempts: readonly Attempt[]) => Violation[] = () => [],
): Promise<Report> => {
  const installation = await installReplicas(options);
  try {
    const firstOutput = await startAll(installation);
    const random = seededRandom(options.seed);
    const load = await startLoad(installation, { seed: options.seed, firstOutput });
    const faults: Record<string, number> = {};
    for (let round = 0; round < options.rounds; round += 1) {
      const server = installation.servers[between(random, 0, installation.servers.length - 1)];
      if (!server) break;
      const name = await fault(server, { random, round });
      faults[name] = (faults[name] ?? 0) + 1;
      if ((round + 1) % 10 === 0) options.note(`${round + 1} faults, ${load.history.length} messages`);
    }
    const violations = [...(await load.finish({ faults: options.rounds })), ...check(load.attempts)];
    return { faults, operations: load.history.length, violations };
  } finally {
    await installation.close();
  }
};

/** The first one migrates and prints the key. */
const startAll = async ({ servers: [first, ...others] }: Installation): Promise<string> => {
  const output = (await first?.startWarm()) ?? '';
  await Promise.all(others.map((server) => server.start()));
  return output;
};

/** True once the process stands still by itself. */
const stopsAt = async (server: ServerProcess): Promise<boolean> => {
  const giveUpAt = performance.now() + failpointBudgetMs;
  while (performance.now() < giveUpAt) {
    if (server.stopped) return true;
    if (!server.running) throw new ServerEnded(server.output());
    await setTimeout(20);
  }
  return false;
};
