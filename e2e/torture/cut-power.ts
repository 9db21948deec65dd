import { setTimeout } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import type { Violation } from './evidence.ts';
import { openVolume } from './failing-volume.ts';
import { installOnSqlite } from './installation.ts';
import type { Report } from './kill-process.ts';
import { startLoad } from './load.ts';
import { between, seededRandom } from './random.ts';

const volumeMb = 64;
const latestCutMs = 700;

/**
 * Cuts the power of the volume under load: the process is stopped, so that it answers nobody any more, then the volume,
 * then the process is ended. `syncs: 'none'` is the control: the same without the sync behind each commit, which must lose
 * what it acknowledged, or the test would see nothing.
 */
export const cutPower = async (options: {
  cuts: number;
  seed: number;
  syncs: 'full' | 'none';
  note: (line: string) => void;
}): Promise<Report> => {
  const volume = openVolume(volumeMb);
  const environment = { PARLEY_SQLITE_SYNC: options.syncs };
  const installation = await installOnSqlite({ dataDir: volume.dataDir, environment });
  const server = installation.servers[0]!;
  const random = seededRandom(options.seed);
  const damaged: Violation[] = [];
  try {
    const firstOutput = await server.startWarm();
    const load = await startLoad(installation, { seed: options.seed, firstOutput, watchQuotas: false });
    for (let cut = 1; cut <= options.cuts; cut += 1) {
      await setTimeout(between(random, 100, latestCutMs));
      server.signal('SIGSTOP');
      volume.cutPower();
      await server.end('SIGKILL');
      volume.powerUp();
      const integrity = checkIntegrity(join(volume.dataDir, 'parley.db'));
      if (integrity !== 'ok') damaged.push({ invariant: 'integrity_check', what: integrity });
      if (cut % 25 === 0) options.note(`${cut} power cuts, ${load.history.length} messages`);
      await server.start();
    }
    const violations = [...damaged, ...(await load.finish({ faults: options.cuts }))];
    return {
      faults: { [`power cut, sync ${options.syncs}`]: options.cuts },
      operations: load.history.length,
      violations,
    };
  } finally {
    await installation.close();
    volume.close();
  }
};

const checkIntegrity = (path: string): string => {
  const database = new DatabaseSync(path);
  try {
    return String(Object.values(database.prepare('pragma integrity_check').get() ?? {})[0]);
  } finally {
    database.close();
  }
};
