import { expect, it } from 'vitest';
import { findBinaries } from '../server/test/postgres/find-binaries.ts';
import { startBalancer } from './balancer.ts';
import { installReplicas } from './torture/installation.ts';
import { startLoad } from './torture/load.ts';

it.skipIf(findBinaries() === null)(
  'three replicas are restarted one after the other behind a balancer, and no request that ends within the drain fails',
  async () => {
    const installation = await installReplicas({ replicas: 3 });
    const { servers } = installation;
    const [first] = servers;
    try {
      const firstOutput = (await first?.startWarm()) ?? '';
      await Promise.all(servers.slice(1).map((server) => server.start()));
      const balancer = await startBalancer(servers.map(({ url }) => url));
      const load = await startLoad(installation, { seed: 1, firstOutput, url: () => balancer.url });
      for (const server of servers) {
        expect(await server.end('SIGTERM')).toBe(0);
        const served = load.history.length;
        // the others go on
        await expect.poll(() => load.history.length, { timeout: 30_000 }).toBeGreaterThan(served + 5);
        await server.start();
        await expect.poll(() => balancer.ready(), { timeout: 30_000 }).toContain(server.url);
      }
      expect(await load.finish({ faults: servers.length })).toEqual([]);
      expect(load.history.length).toBeGreaterThan(15);
      const failed = load.history.filter(
        ({ broken, refusals }) => broken > 0 || refusals.some((code) => code !== 'quota_exceeded'),
      );
      expect(failed.map(({ text, broken, refusals }) => ({ text, broken, refusals }))).toEqual([]);
      await balancer.close();
    } finally {
      await installation.close();
    }
  },
);
