import { Redis } from 'ioredis';

const timeoutMs = 3_000;

export type RedisInspection =
  | { kind: 'usable'; version: string; latencyMs: number; usedBytes: number }
  | { kind: 'unusable'; reason: string };

/** Looks at a Redis without changing anything in it. Never throws. */
export const inspectRedis = async (url: string): Promise<RedisInspection> => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let lastError: Error | null = null;
  redis.on('error', (error: Error) => (lastError = error));
  try {
    await redis.connect();
    const startedAt = performance.now();
    await redis.ping();
    const latencyMs = performance.now() - startedAt;
    const info = await redis.info();
    const field = (name: string): string => new RegExp(`^${name}:(.*)\\r?$`, 'm').exec(info)?.[1]?.trim() ?? '';
    return {
      kind: 'usable',
      version: field('redis_version'),
      latencyMs,
      usedBytes: Number(field('used_memory')),
    };
  } catch (error) {
    const reason = lastError ?? error;
    return { kind: 'unusable', reason: reason instanceof Error ? reason.message.slice(0, 200) : 'for no known reason' };
  } finally {
    redis.disconnect();
  }
};
