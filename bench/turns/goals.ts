import { table } from '../table-text.ts';
import type { Mode, ModelSpeed } from './measure.ts';
import { type Medians, mediansOf, type Result } from './table.ts';

type Goal = {
  what: string;
  load: { mode: Mode; level: number; speed: ModelSpeed };
  of: string;
  against: string;
  value: (of: Medians, against: Medians) => number;
  /** `least`: the value should be this or more; `most`: or less. */
  reach: { least: number } | { most: number };
  unit: string;
};

const sqlite = 'Parley, SQLite';
const postgres = 'Parley, PostgreSQL';
const ratioOfRates = (of: Medians, against: Medians): number => of.rate / against.rate;
const ratioOfCpu = (of: Medians, against: Medians): number => of.cpu / against.cpu;
const fast = (mode: Mode, level = 16) => ({ mode, level, speed: 'fast' }) as const;

const rates = (of: string, against: string, least: { json: number; sse: number }): Goal[] =>
  (['json', 'sse'] as const).map((mode) => ({
    what: `turns a second of ${of} against ${against}, ${mode}`,
    load: fast(mode),
    of,
    against,
    value: ratioOfRates,
    reach: { least: least[mode] },
    unit: '×',
  }));

const cpu = (mode: Mode, most: number): Goal => ({
  what: `CPU of the server a turn, ${sqlite} against the raw proxy, ${mode}`,
  load: fast(mode),
  of: sqlite,
  against: 'raw proxy',
  value: ratioOfCpu,
  reach: { most },
  unit: '×',
});

/** What Parley means to reach, as ratios within one run. */
const goals: readonly Goal[] = [
  ...rates(sqlite, 'Portkey', { json: 4, sse: 3 }),
  ...rates(postgres, 'Portkey', { json: 2.2, sse: 2.2 }),
  ...rates(sqlite, 'Mastra', { json: 25, sse: 25 }),
  ...rates(sqlite, 'raw proxy', { json: 0.5, sse: 0.4 }),
  cpu('json', 2.2),
  cpu('sse', 2.6),
  {
    what: `time to first token over a direct call, one at a time, ${sqlite}`,
    load: fast('sse', 1),
    of: sqlite,
    against: 'direct',
    value: (of, against) => of.ttft - against.ttft,
    reach: { most: 1.2 },
    unit: ' ms',
  },
  {
    what: `CPU of the server a streamed turn of a slow model, 32 at once, ${sqlite} against the raw proxy`,
    load: { mode: 'sse', level: 32, speed: 'slow' },
    of: sqlite,
    against: 'raw proxy',
    value: ratioOfCpu,
    reach: { most: 1.15 },
    unit: '×',
  },
];

/** Each goal whose subjects were measured, beside what was measured: ratios of the medians over the rounds. */
export const goalTable = (results: readonly Result[]): string =>
  table(
    ['what', 'goal', 'measured', 'reached'],
    goals.flatMap(({ what, load, of, against, value, reach, unit }) => {
      const result = results.find(
        ({ mode, level, speed }) => mode === load.mode && level === load.level && speed === load.speed,
      );
      const [own, other] = [result?.byName.get(of), result?.byName.get(against)];
      if (!own || !other) return [];
      const measured = value(mediansOf(own), mediansOf(other));
      const isReached = 'least' in reach ? measured >= reach.least : measured <= reach.most;
      const goal = 'least' in reach ? `at least ${reach.least}${unit}` : `at most ${reach.most}${unit}`;
      return [[what, goal, `${measured.toFixed(2)}${unit}`, isReached ? 'yes' : 'no']];
    }),
  );
