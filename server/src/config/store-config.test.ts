import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readEnv } from './env.ts';

const secret = 'XcQ0v7TnE4yLr9Zk2mWf6JhB8sUaGdPo';
const storeOf = (environment: Record<string, string>) => readConfig(readEnv(environment)).store;

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    storeOf(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

test.each([
  ['postgres://parley:pa%23ss@db.internal:6432/parley?sslmode=verify-full', 'db.internal:6432/parley'],
  ['postgresql://db.internal/parley', 'db.internal:5432/parley'],
  ['postgres:///parley?host=/run/postgresql', '/run/postgresql:5432/parley'],
])('%s is a database, which people are told of without its password', (url, place) => {
  expect(storeOf({ DATABASE_URL: url, PARLEY_SECRET: secret })).toEqual({ kind: 'postgres', url, place, poolSize: 10 });
});

test('the number of connections can be set, within limits', () => {
  const environment = { DATABASE_URL: 'postgres://db/parley', PARLEY_SECRET: secret };
  expect(storeOf({ ...environment, PARLEY_DATABASE_CONNECTIONS: '40' })).toMatchObject({ poolSize: 40 });
  expect(problemsOf({ ...environment, PARLEY_DATABASE_CONNECTIONS: '1' })).toEqual([
    'PARLEY_DATABASE_CONNECTIONS is "1": it must be a whole number from 2 to 500',
  ]);
});

test('a database needs a secret that every server is given', () => {
  expect(problemsOf({ DATABASE_URL: 'postgres://db/parley' })).toEqual([
    expect.stringMatching(/^PARLEY_SECRET must be set together with DATABASE_URL/),
  ]);
});

test.each([
  ['not an address', 'must be an address such as'],
  ['mysql://u:hunter2hunter2@db/parley', 'must begin with postgres://'],
  ['postgres://u:hunter2hunter2@db', 'must name a database'],
  ['postgres:///parley', 'must name a host'],
  ['postgres://u:hunter2hunter2@db/parley#x', 'must have no #'],
])('%s is refused, and not repeated', (url, reason) => {
  const problems = problemsOf({ DATABASE_URL: url, PARLEY_SECRET: secret });
  expect(problems).toEqual([expect.stringContaining(`DATABASE_URL ${reason}`)]);
  expect(problems.join()).not.toContain('hunter2');
});
