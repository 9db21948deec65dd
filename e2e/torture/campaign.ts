import { parseArgs } from 'node:util';
import { findBinaries } from '../../server/test/postgres/find-binaries.ts';
import { breakDisk, diskFaults, whyNoStrace } from './break-disk.ts';
import { cutPower } from './cut-power.ts';
import { whyNoVolume } from './failing-volume.ts';
import { killProcess, type Report } from './kill-process.ts';
import { killReplicas, pauseReplicas } from './pause-replica.ts';
import { tableOf } from './report.ts';

/**
 * `npm run torture`: every fault, many times, and a table of what was found. Ends with 1 where anything was, and where
 * the control found nothing. A seed repeats the plan of faults; what falls when is up to the machine.
 */

type Options = { seed: number; note: (line: string) => void };
type Phase = { name: string; times: number; whyNot: () => string | null; run: (options: Options) => Promise<Report> };

const usage = `npm run torture -- [--kills n] [--replica-kills n] [--pauses n] [--power-cuts n] [--disk-faults n] [--seed n]

Each is how often that fault is made; 0 leaves it out. --kills alone is 300; the rest is in proportion to it.
REDIS_URL gives the replicas a Redis.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '300' },
    'replica-kills': { type: 'string' },
    pauses: { type: 'string' },
    'power-cuts': { type: 'string' },
    'disk-faults': { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

const count = (text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  if (!/^\d{1,6}$/.test(text)) throw new Error(`${text} is no number from 0 to 999999`);
  return Number(text);
};

const kills = count(values.kills, 300);
const share = (part: number): number => Math.ceil(kills / part);
const redisUrl = process.env['REDIS_URL'];
const redis = redisUrl === undefined ? {} : { redisUrl };
const noPostgres = (): string | null => (findBinaries() === null ? 'replicas need PostgreSQL 15 or newer' : null);
/** The control: it shows that the test can see a loss. */
const controlCuts = 2;

const phases: Phase[] = [
  { name: 'kill -9 on SQLite', times: kills, whyNot: () => null, run: (options) => killProcess({ ...options, kills }) },
  {
    name: 'kill -9 of one of three replicas',
    times: count(values['replica-kills'], share(6)),
    whyNot: noPostgres,
    run(options) {
      return killReplicas({ ...options, ...redis, replicas: 3, rounds: this.times });
    },
  },
  {
    name: 'a replica that sleeps past its lease',
    times: count(values.pauses, share(15)),
    whyNot: noPostgres,
    run(options) {
      return pauseReplicas({ ...options, ...redis, replicas: 2, rounds: this.times });
    },
  },
  {
    name: 'power cuts on SQLite',
    times: count(values['power-cuts'], share(6)),
    whyNot: whyNoVolume,
    run(options) {
      return cutPower({ ...options, cuts: this.times, syncs: 'full' });
    },
  },
  {
    name: 'a disk that fails',
    times: count(values['disk-faults'], share(60)),
    whyNot: () => whyNoVolume() ?? whyNoStrace(),
    run(options) {
      return breakDisk({ ...options, rounds: this.times, kinds: diskFaults });
    },
  },
];

const run = async (): Promise<boolean> => {
  const seed = count(values.seed, 0);
  console.log(`seed ${seed}`);
  const reports: Report[] = [];
  const skipped: string[] = [];
  for (const phase of phases.filter(({ times }) => times > 0)) {
    const reason = phase.whyNot();
    if (reason !== null) {
      skipped.push(`${phase.name}: ${reason}`);
      continue;
    }
    console.log(`${phase.name}: ${phase.times}`);
    const report = await phase.run({ seed, note: (line) => console.log(`  ${line}`) });
    for (const { invariant, what } of report.violations) console.log(`  ${invariant}: ${what}`);
    reports.push(report);
  }
  console.log(tableOf(reports, skipped));
  const sound = reports.every(({ violations }) => violations.length === 0);
  return (await seesLoss(seed)) && sound;
};

const seesLoss = async (seed: number): Promise<boolean> => {
  if (count(values['power-cuts'], share(6)) === 0 || whyNoVolume() !== null) return true;
  const control = await cutPower({ seed, cuts: controlCuts, syncs: 'none', note: () => {} });
  const lost = control.violations.filter(({ invariant }) => invariant === 'I1').length;
  console.log(`control, ${controlCuts} power cuts without syncs: ${lost} acknowledged messages lost, as must be`);
  return lost > 0;
};

if (values.help) console.log(usage);
else if (!(await run())) process.exitCode = 1;
