import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiClient } from './api-client.ts';
import { type PlanFile, noLimits } from './boot.ts';
import { commandLine, type RunningServer } from './command-line.ts';
import { TestRedis } from './redis/server.ts';
import { databaseOf } from './test-database.ts';

export type ReplicaProcesses = Awaited<ReturnType<typeof startProcesses>>;

/** Servers in processes of their own, on one PostgreSQL and one Redis. */
export const startProcesses = async (
  count: number,
  options: { providerUrl: string; plans?: Record<string, PlanFile>; env?: Record<string, string> },
) => {
  const redis = await TestRedis.start();
  const parley = commandLine();
  const database = await databaseOf(parley.folder);
  const plansPath = join(parley.folder, 'plans.json');
  writeFileSync(plansPath, JSON.stringify({ default: 'all', plans: { all: noLimits, ...options.plans } }));
  const environment = {
    ...database.environment,
    PARLEY_DATABASE_CONNECTIONS: '5',
    PARLEY_PROVIDER_TEST_URL: options.providerUrl,
    PARLEY_PLANS: plansPath,
    REDIS_URL: redis.url,
    ...options.env,
  };
  const servers: RunningServer[] = [];
  // the first one makes the tables and prints the key
  while (servers.length < count) servers.push(await parley.serve(environment));
  const key = /prl_live_\w+/.exec(servers[0]!.output())?.[0] ?? '';
  return {
    key,
    redis,
    query: database.query,
    servers,
    clients: servers.map(({ url }) => apiClient(url, key)),
    /** One more, or one in place of another. */
    serve: () => parley.serve(environment),
    async close(): Promise<void> {
      await parley.cleanUp();
      await database.drop();
      await redis.close();
    },
  };
};
