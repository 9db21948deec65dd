import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiClient } from './api-client.ts';
import { commandLine, type Environment } from './command-line.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';
import { canaryPassword } from './postgres/server.ts';
import { findRedis } from './redis/find-redis.ts';
import { redisPassword, TestRedis } from './redis/server.ts';
import { testSecret } from './test-database.ts';

/** The commands of the program on PostgreSQL. */

const otherSecret = 'nV3tKx9QwLz71RbYc5GdHp2MsEfUaJo4';

let parley: ReturnType<typeof commandLine>;
let url: string;
let environment: Environment;

beforeEach(async () => {
  parley = commandLine();
  url = await createDatabase({ migrated: false });
  environment = { DATABASE_URL: url, PARLEY_SECRET: testSecret };
});
afterEach(async () => {
  await parley.cleanUp();
  await dropDatabase(url);
});

const keyIn = (output: string): string => /prl_live_\w+/.exec(output)?.[0] ?? '';
const place = (): string => `127.0.0.1:${new URL(url).port}${new URL(url).pathname}`;

test('several servers start on one empty database at once, make one installation, and know each other’s keys', async () => {
  const servers = await Promise.all([parley.serve(environment), parley.serve(environment), parley.serve(environment)]);
  const keys = servers.map((server) => keyIn(server.output())).filter((key) => key !== '');
  expect(keys).toHaveLength(1);
  for (const server of servers) {
    const { status, body } = await apiClient(server.url, keys[0] ?? '').send('GET', '/v1/bots');
    expect(status).toBe(200);
    expect(body.data).toHaveLength(1);
    expect(server.output()).not.toContain(canaryPassword);
  }
  expect(existsSync(parley.dataDir)).toBe(false);
  const made = await parley.run(['key', 'create', '--name', 'second', '--scopes', 'bots:read'], environment);
  expect(made, made.note).toMatchObject({ code: 0 });
  const [server] = servers;
  expect((await apiClient(server?.url ?? '', made.answer.trim()).send('GET', '/v1/bots')).status).toBe(200);
});

test('migrate makes the tables and starts nothing, and says so when there is nothing to do', async () => {
  expect(await parley.run(['migrate'], environment)).toMatchObject({
    code: 0,
    note: `made the database in ${place()}\n`,
  });
  expect(await parley.run(['migrate'], environment)).toMatchObject({ code: 0, note: 'the database is up to date\n' });
  expect(await runSql(url, 'select 1 from workspaces')).toEqual([]);
});

test('a database that was made under another secret is refused', async () => {
  await parley.run(['migrate'], environment);
  const { code, note } = await parley.run(['start'], { ...environment, PARLEY_SECRET: otherSecret });
  expect(code).toBe(1);
  expect(note).toContain(`the database in ${place()} was made under another secret`);
});

test.skipIf(findRedis() === null)('doctor tells of Redis, and fails where it is not there', async () => {
  await parley.run(['migrate'], environment);
  const redis = await TestRedis.start();
  try {
    const withRedis = { ...environment, REDIS_URL: redis.url };
    const found = await parley.run(['doctor'], withRedis);
    expect(found.code, found.answer).toBe(0);
    expect(found.answer).toMatch(/ok {6}Redis 127\.0\.0\.1:\d+\/0, \d+ bytes, version \d+/);
    expect(found.answer).toMatch(/a round trip to Redis takes \d+\.\d ms/);
    await redis.kill();
    const missed = await parley.run(['doctor'], withRedis);
    expect(missed.code).toBe(1);
    expect(missed.answer).toMatch(/PROBLEM Redis at 127\.0\.0\.1:\d+\/0 cannot be used/);
    expect(found.answer + missed.answer).not.toContain(redisPassword);
  } finally {
    await redis.close();
  }
});

test('doctor tells of the server, its connections and its distance, and of nothing secret', async () => {
  const before = await parley.run(['doctor'], environment);
  expect(before.answer).toContain('there is nothing in the database yet');
  await parley.run(['migrate'], environment);
  const { code, answer } = await parley.run(['doctor'], environment);
  expect(code, answer).toBe(0);
  expect(answer).toMatch(/ok {6}database 127\.0\.0\.1:\d+\/test_\w+, \d+ bytes, PostgreSQL \d+/);
  expect(answer).toContain('synchronous_commit is on');
  expect(answer).toContain('the clocks of this machine and of PostgreSQL agree');
  expect(answer).toMatch(/\d+ of 300 connections are in use; each server takes up to 13/);
  expect(answer).toMatch(/a round trip to the database takes \d+\.\d ms/);
  expect(answer).toContain('every migration is done');
  expect(answer).toContain('no job was given up');
  expect(answer).not.toContain(canaryPassword);
});

test('doctor and start warn where a crash may lose what was confirmed', async () => {
  await runSql(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
  const { answer } = await parley.run(['doctor'], environment);
  expect(answer).toContain('warning synchronous_commit is off in PostgreSQL');
  const server = await parley.serve(environment);
  expect(server.output()).toContain('synchronous_commit is off in PostgreSQL');
});

test.each(['start', 'migrate', 'doctor', 'key create --name a --scopes all'])(
  '%s says which database cannot be used, and why',
  async (command) => {
    const { code, answer, note } = await parley.run(command.split(' '), {
      ...environment,
      DATABASE_URL: url.replace(/\/[^/]*$/, '/nowhere'),
    });
    expect(code).toBe(1);
    expect(answer + note).toContain('database "nowhere" does not exist');
    expect(answer + note).not.toContain(canaryPassword);
    expect(answer + note).not.toContain('    at ');
  },
);

test('backup and a database from an older version say what to do', async () => {
  const backup = await parley.run(['backup', 'copy.db'], environment);
  expect(backup).toMatchObject({ code: 1 });
  expect(backup.note).toContain('pg_dump');
  const early = await parley.run(['key', 'create', '--name', 'a', '--scopes', 'all'], environment);
  expect(early.note).toContain(`there is no database in ${place()} yet: run start or migrate first`);
});

test('an export made under another secret is taken only where one insists, with what then does not work', async () => {
  const first = await parley.serve(environment);
  const workspace = String((await runSql(url, 'select id from workspaces'))[0]?.['id']);
  await first.end('SIGTERM');
  const file = `${parley.folder}/moved.jsonl`;
  await parley.run(['export', '--workspace', workspace, file], environment);
  const there = { PARLEY_SECRET: otherSecret };
  await parley.run(['migrate'], there);
  const refused = await parley.run(['import', file], there);
  expect(refused.code).toBe(1);
  expect(refused.note).toContain('API keys: each must be rotated');
  const taken = await parley.run(['import', '--other-secret', file], there);
  expect(taken, taken.note).toMatchObject({ code: 0 });
  expect(taken.note).toContain('These do not work here');
  const unknown = await parley.run(['export', '--workspace', 'ws_none', `${file}.2`], environment);
  expect(unknown).toMatchObject({ code: 1, note: 'there is no workspace ws_none\n' });
  const twice = await parley.run(['export', '--workspace', workspace, file], environment);
  expect(twice.note).toContain('is there already');
});
