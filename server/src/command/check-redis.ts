import { inspectRedis } from '../bus/inspect-redis.ts';
import type { Config } from '../config/config.ts';
import { type Finding, fact, problem, warning } from './finding.ts';

/** A round trip for each request of a workspace with a limit: past this it is felt. */
const longLatencyMs = 10;

/** Redis, where it is configured: can it be reached, and is it near. */
export const checkRedis = async ({ redis, store }: Config): Promise<Finding[]> => {
  if (redis === null) {
    return store.kind === 'sqlite'
      ? []
      : [fact('no Redis: servers on this database count requests each for itself, and pass texts on through it')];
  }
  const inspection = await inspectRedis(redis.url);
  if (inspection.kind === 'unusable') {
    return [problem(`Redis at ${redis.place} cannot be used (${inspection.reason}): mend REDIS_URL, or start it`)];
  }
  const { version, usedBytes, latencyMs } = inspection;
  const latency = `a round trip to Redis takes ${latencyMs.toFixed(1)} ms`;
  return [
    fact(`Redis ${redis.place}, ${usedBytes} bytes, version ${version}`),
    latencyMs > longLatencyMs ? warning(`${latency}: bring the server nearer to it`) : fact(latency),
  ];
};
