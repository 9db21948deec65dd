import { apiClient } from './api-client.ts';
import { boot, type BootOptions, type Server } from './boot.ts';
import type { TestRedis } from './redis/server.ts';
import { databaseOf } from './test-database.ts';

/** One of several servers on the same data, spoken to with the key of the first. */
export type Replica = ReturnType<typeof apiClient> & { url: string; server: Server };

export type ReplicasOptions = BootOptions & { redis?: TestRedis | null };

/** Servers on one PostgreSQL, in this process. Each has a pool of its own of four connections. */
export const startReplicas = async (count: number, { redis, ...options }: ReplicasOptions = {}) => {
  const env = { ...options.env, ...(redis ? { REDIS_URL: redis.url } : {}) };
  const first = await boot({ ...options, env });
  const { environment } = await databaseOf(first.dataDir);
  const replicas: Replica[] = [asReplica(first, first.key)];
  while (replicas.length < count) {
    const next = await boot({ ...options, env: { ...env, ...environment } });
    replicas.push(asReplica(next, first.key));
  }
  return {
    replicas,
    first,
    async close(): Promise<void> {
      for (const { server } of replicas.toReversed()) await server.close();
    },
  };
};

const asReplica = (server: Server, key: string): Replica => ({
  ...apiClient(server.url, key),
  url: server.url,
  server,
});
