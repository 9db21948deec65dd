import { type ParleyProcess, residentMb, startParley } from '../parley-process.ts';

/** Milliseconds to the first healthy answer and MB in RAM once the server has nothing to do. */
export type StartUp = { startUpMs: number; residentMb: number };

/** The first look of the job worker and the sweeper is over by then. */
const restMs = 2_000;

const rest = async (parley: ParleyProcess): Promise<StartUp> => {
  await new Promise((resolve) => {
    setTimeout(resolve, restMs);
  });
  return { startUpMs: parley.startUpMs, residentMb: residentMb(parley.pid) };
};

/** Starts on each place in turn, `rounds` times over; `env` goes before what a place has of its own. */
export const measureStartUps = async <Name extends string>(
  places: Record<Name, { dataDir: string; env?: Record<string, string> }>,
  { rounds, env }: { rounds: number; env: Record<string, string> },
): Promise<Record<Name, StartUp[]>> => {
  const names = Object.keys(places) as Name[];
  const startUps = Object.fromEntries(names.map((name): [string, StartUp[]] => [name, []])) as Record<Name, StartUp[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { dataDir, env: own } = places[name];
      const parley = await startParley({ dataDir, env: { ...env, ...own } });
      try {
        startUps[name].push(await rest(parley));
      } finally {
        await parley.stop();
      }
    }
  }
  return startUps;
};
