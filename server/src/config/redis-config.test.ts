import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readEnv } from './env.ts';

const database = { DATABASE_URL: 'postgres://db/parley', PARLEY_SECRET: 'XcQ0v7TnE4yLr9Zk2mWf6JhB8sUaGdPo' };

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(readEnv(environment));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test.each([
  ['redis://:pa%23ss@cache.internal:6380/2', 'cache.internal:6380/2'],
  ['rediss://user:pass@cache.internal', 'cache.internal:6379/0'],
])('%s is a Redis, which people are told of without its password', (url, place) => {
  expect(readConfig(readEnv({ ...database, REDIS_URL: url })).redis).toEqual({ url, place });
});

test('there is no Redis unless it is named', () => {
  expect(readConfig(readEnv(database)).redis).toBeNull();
});

test.each([
  ['cache.internal', 'must be an address'],
  ['http://cache.internal', 'must begin with redis://'],
  ['redis://cache/0#canary', 'must have no #'],
  ['redis://cache/canary', 'may have nothing but the number'],
])('%s is refused in words that do not repeat it', (url, reason) => {
  const problems = problemsOf({ ...database, REDIS_URL: url });
  expect(problems).toEqual([expect.stringContaining(`REDIS_URL ${reason}`)]);
  expect(problems[0]).not.toContain('canary');
});

test('Redis without a database that servers share is refused', () => {
  expect(problemsOf({ REDIS_URL: 'redis://cache' })).toEqual([expect.stringContaining('DATABASE_URL')]);
});
