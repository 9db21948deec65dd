import { setTimeout } from 'node:timers/promises';
import { failpointNames } from '../../server/src/kit/failpoint.ts';
import type { Violation } from './evidence.ts';
import { installOnSqlite } from './installation.ts';
import { startLoad } from './load.ts';
import { between, seededRandom } from './random.ts';
import { ServerEnded, type ServerProcess } from './server-process.ts';

/** How a server is ended: at some time, or where a failpoint is reached the how-manieth time. */
export type Kill = { afterMs: number } | { failpoint: string };

export type Report = { faults: Record<string, number>; operations: number; violations: Violation[] };

/** From the start on; the load passes most failpoints within it many times. */
const latestKillMs = 500;
const latestCount = 12;
/** A failpoint that is not reached by then: the load has no use for it, and the kill is made at that time instead. */
const failpointBudgetMs = 10_000;

/** Half of the kills at failpoints, each in turn, half at any time. */
const planKills = (kills: number, random: () => number): Kill[] =>
  Array.from({ length: kills }, (_, index) => {
    if (index % 2 === 0) return { afterMs: between(random, 0, latestKillMs) };
    const name = failpointNames[((index - 1) / 2) % failpointNames.length] ?? '';
    return { failpoint: `${name}:kill:${between(random, 1, latestCount)}` };
  });

/** kill -9 of the one process on SQLite, under load. */
export const killProcess = async (options: {
  kills: number;
  seed: number;
  note: (line: string) => void;
}): Promise<Report> => {
  const installation = await installOnSqlite();
  const { servers } = installation;
  const server = servers[0]!;
  const random = seededRandom(options.seed);
  const faults: Record<string, number> = {};
  try {
    const firstOutput = await server.startWarm();
    const load = await startLoad(installation, { seed: options.seed, firstOutput });
    await server.end('SIGKILL');
    for (const [index, kill] of planKills(options.kills - 1, random).entries()) {
      const name = 'failpoint' in kill ? await dieAt(server, kill.failpoint) : await dieAfter(server, kill.afterMs);
      faults[name] = (faults[name] ?? 0) + 1;
      if ((index + 1) % 25 === 0) options.note(`${index + 1} kills, ${load.history.length} messages`);
    }
    faults[anyTime] = (faults[anyTime] ?? 0) + 1;
    await server.start();
    const violations = await load.finish({ faults: options.kills });
    return { faults, operations: load.history.length, violations };
  } finally {
    await installation.close();
  }
};

const anyTime = 'kill, any time';

const dieAfter = async (server: ServerProcess, afterMs: number): Promise<string> => {
  await server.start();
  await setTimeout(afterMs);
  await server.end('SIGKILL');
  return anyTime;
};

/** Gives the name of the place at which it died. */
const dieAt = async (server: ServerProcess, failpoint: string): Promise<string> => {
  await server.launch({ PARLEY_FAILPOINT: failpoint });
  await server.ready().catch((error: unknown) => {
    // what was left behind is taken up before it is ready, and may pass the place
    if (!(error instanceof ServerEnded)) throw error;
  });
  const timer = new AbortController();
  const died = await Promise.race([
    server.ended().then(() => true),
    setTimeout(failpointBudgetMs, false, { signal: timer.signal }),
  ]);
  timer.abort();
  await server.end('SIGKILL');
  return died ? `kill, ${failpoint.split(':')[0]}` : anyTime;
};
