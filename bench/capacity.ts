/**
 * What so many conversations a day take, on paper: the cost of a turn as `turns.ts` and `growth.ts` measured it on
 * PostgreSQL, multiplied. Nothing is measured here.
 *
 *   node bench/capacity.ts --turns turns.json --growth growth.json [--stream-kb N] [--write docs/scaling.md]
 *
 * The two files are what those write with `--out`; `turns.json` must have the subject `postgres` and the part `slow`, and is
 * best measured with `--messages support`: most turns of a real bot are questions.
 * `--stream-kb`: memory of an open stream, where it was measured.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { demandOf, type Habits, type TurnCost } from './capacity/demand.ts';
import { writeSection } from './performance-page.ts';
import { median } from './quantile.ts';
import { table } from './table-text.ts';
import type { Figures, ModelSpeed } from './turns/measure.ts';
import { mediansOf } from './turns/table.ts';

const { values } = parseArgs({
  options: {
    turns: { type: 'string' },
    growth: { type: 'string' },
    'stream-kb': { type: 'string' },
    write: { type: 'string' },
  },
});
if (values.turns === undefined || values.growth === undefined) throw new Error('--turns and --growth name two files');

const conversationsPerDay = [10_000, 100_000, 1_000_000, 10_000_000];
const habits: Habits = {
  turnsOfConversation: 6,
  peakFactor: 4,
  replySeconds: 8,
  fullShare: 0.5,
  retentionDays: 90,
};

const subject = 'Parley, PostgreSQL';
type TurnRow = { speed: ModelSpeed } & Record<typeof subject, Figures[] | undefined>;
type GrowthRow = { kind: string; bytes: number; startUps: Record<string, { residentMb: number }[]> };

const readJson = <Content>(path: string, content: (value: unknown) => Content): Content =>
  content(JSON.parse(readFileSync(path, 'utf8')));

const costOfTurn = (): TurnCost => {
  const rounds = readJson(values.turns ?? '', (value) => value as TurnRow[]).find(({ speed }) => speed === 'slow')?.[
    subject
  ];
  const growth = readJson(values.growth ?? '', (value) => value as GrowthRow[]).find(({ kind }) => kind === 'postgres');
  if (!rounds || !growth) throw new Error(`${subject} was not measured with a slow model, or its growth was not`);
  const { cpu, database } = mediansOf(rounds);
  const rest = Object.values(growth.startUps).flatMap((each) => each.map(({ residentMb }) => residentMb));
  return {
    serverCpuMs: cpu / 1_000,
    databaseCpuMs: database / 1_000,
    storedBytes: growth.bytes,
    restMb: median(rest),
    streamKb: values['stream-kb'] === undefined ? null : Number(values['stream-kb']),
  };
};

const cost = costOfTurn();
const count = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const costTable = table(
  ['cost', 'measured'],
  [
    ['CPU of the server for a turn streamed from a slow model', `${count(cost.serverCpuMs, 2)} ms`],
    ['CPU of PostgreSQL for it', `${count(cost.databaseCpuMs, 2)} ms`],
    ['what it leaves in the database, with indexes', `${count(cost.storedBytes)} bytes`],
    ['memory of a server at rest', `${count(cost.restMb)} MB`],
    ['memory of an open stream', cost.streamKb === null ? 'not measured' : `${count(cost.streamKb)} KB`],
  ],
);
const demandTable = table(
  [
    'conversations a day',
    'turns a second at the peak',
    'open streams at the peak',
    'servers of one processor',
    'memory of each, MB',
    'processors of PostgreSQL',
    'stored a day, GB',
    `stored in ${habits.retentionDays} days, TB`,
  ],
  conversationsPerDay.map((conversations) => {
    const demand = demandOf(conversations, cost, habits);
    return [
      count(conversations),
      count(demand.peakTurnsPerSecond),
      count(demand.openStreams),
      count(demand.servers),
      demand.serverMemoryMb === null ? '–' : count(demand.serverMemoryMb),
      count(demand.databaseProcessors, 2),
      count(demand.storedGbPerDay, 1),
      count(demand.storedTb, 2),
    ];
  }),
);
const assumed = [
  `Assumed: ${habits.turnsOfConversation} turns a conversation, a busiest minute ${habits.peakFactor} times as busy as the`,
  `day's average, ${habits.replySeconds} seconds to write a reply, processors ${habits.fullShare * 100}% used at the peak.`,
].join(' ');
const text = [costTable, assumed, '', demandTable].join('\n');
console.log(text);
if (values.write) writeSection(values.write, { name: 'capacity', text, verb: 'Calculated' });
