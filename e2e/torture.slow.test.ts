import { expect, it } from 'vitest';
import { findBinaries } from '../server/test/postgres/find-binaries.ts';
import { breakDisk, diskFaults, whyNoStrace } from './torture/break-disk.ts';
import { cutPower } from './torture/cut-power.ts';
import { whyNoVolume } from './torture/failing-volume.ts';
import { killProcess, type Report } from './torture/kill-process.ts';
import { killReplicas, pauseReplicas } from './torture/pause-replica.ts';

/**
 * Clients ask on and on, servers and disks fail, and afterwards what clients were told is compared with what is stored and
 * with what the API says (`torture/check.ts`). `npm run torture` is the same as a campaign.
 */

const noPostgres = findBinaries() === null;
const noVolume = whyNoVolume();
if (noVolume !== null) process.emitWarning(noVolume);
const noStrace = whyNoStrace();
if (noStrace !== null) process.emitWarning(noStrace);

const options = { seed: 20, note: () => {} };
/** Most of it is servers that start, which a busy machine does slowly. */
const timeout = 900_000;

const expectSound = ({ faults, violations, operations }: Report, times: number): void => {
  expect(violations).toEqual([]);
  expect(Object.values(faults).reduce((sum, n) => sum + n, 0)).toBe(times);
  // clients came to say something
  expect(operations).toBeGreaterThan(times);
};

it(
  '30 kills of the one process lose, double and charge nothing, at any time and at every crash point',
  { timeout },
  async () => {
    const report = await killProcess({ ...options, kills: 30 });
    expectSound(report, 30);
    expect(Object.keys(report.faults).length).toBeGreaterThan(6);
  },
);

it.skipIf(noPostgres)('10 kills of one of three replicas lose, double and charge nothing', { timeout }, async () => {
  expectSound(await killReplicas({ ...options, rounds: 10, replicas: 3 }), 10);
});

it.skipIf(noPostgres)(
  'a server that slept past its leases writes nothing of what others took over, 5 times',
  async () => {
    expectSound(await pauseReplicas({ ...options, rounds: 5, replicas: 2 }), 5);
  },
);

it.skipIf(noVolume !== null)('10 power cuts take nothing back that was acknowledged', { timeout }, async () => {
  expectSound(await cutPower({ ...options, cuts: 10, syncs: 'full' }), 10);
});

it.skipIf(noVolume !== null)('the same without syncs loses messages, so the test can see a loss', async () => {
  const { violations } = await cutPower({ ...options, cuts: 1, syncs: 'none' });
  expect(violations.map(({ invariant }) => invariant)).toContain('I1');
});

it.skipIf(noVolume !== null || noStrace !== null)(
  'a disk that is full, or fails to write or to sync, takes nothing that it then forgets',
  { timeout },
  async () => {
    expectSound(await breakDisk({ ...options, rounds: 1, kinds: diskFaults }), diskFaults.length);
  },
);
