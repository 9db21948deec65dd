import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandLine, type RunningServer } from './command-line.ts';

let cli: ReturnType<typeof commandLine>;
beforeEach(() => {
  cli = commandLine();
});
afterEach(() => cli.cleanUp());

const secretPattern = /prl_(?:live|test)_\w+/g;

const firstKeyOf = (server: RunningServer): string => {
  const [key] = server.output().match(secretPattern) ?? [];
  if (key === undefined) throw new Error('the server printed no key');
  return key;
};

const get = (server: RunningServer, path: string, key: string) =>
  fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } });

/** Sends one message of a user of its own to the demo bot and returns the finished turn. */
const chat = async (server: RunningServer, key: string, message: string) => {
  const [, botId] = /"bot_id":"(bot_\w+)"/.exec(server.output()) ?? [];
  const response = await fetch(`${server.url}/v1/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ bot_id: botId, user_id: randomUUID(), message }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { id: string; status: string; conversation_id: string };
};

test('the first start prints one key that works and a curl; later starts print no secret', async () => {
  const first = await cli.serve();
  const key = firstKeyOf(first);
  expect(new Set(first.output().match(secretPattern))).toEqual(new Set([key]));
  expect(first.output()).toContain(`curl -N ${first.url}/v1/chat`);
  expect((await get(first, '/v1/bots', key)).status).toBe(200);
  expect(await chat(first, key, 'How do I stream a reply?')).toMatchObject({ status: 'completed' });
  expect((await first.end('SIGTERM')).code).toBe(0);

  const second = await cli.serve();
  expect(second.output()).not.toMatch(secretPattern);
  expect((await get(second, '/v1/bots', key)).status).toBe(200);
});

test('key create works beside a running server and prints one secret and nothing else', async () => {
  const server = await cli.serve();
  const { code, answer, note } = await cli.run([
    'key',
    'create',
    '--name',
    'x',
    '--scopes',
    'bots:read',
    '--expires',
    '1d',
  ]);
  expect({ code, note }).toEqual({ code: 0, note: '' });
  expect(answer).toMatch(/^prl_live_\w+\n$/);
  expect((await get(server, '/v1/bots', answer.trim())).status).toBe(200);
  expect((await get(server, '/v1/keys', answer.trim())).status).toBe(403);

  const forTest = await cli.run(['key', 'create', '--name', 'y', '--scopes', 'all', '--test']);
  expect(forTest.answer).toMatch(/^prl_test_\w+\n$/);
  const unknown = await cli.run(['key', 'create', '--name', 'z', '--scopes', 'all', '--bots', 'bot_x']);
  expect(unknown).toMatchObject({ code: 1, answer: '' });
  expect(unknown.note).toContain('there is no bot bot_x');
});

test('a second server and a migration refuse a data directory that is in use', async () => {
  const server = await cli.serve();
  for (const command of ['start', 'migrate']) {
    const { code, answer, note } = await cli.run([command]);
    expect({ code, answer }).toEqual({ code: 1, answer: '' });
    expect(note).toContain(`another Parley process uses the data directory ${cli.dataDir}`);
  }
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect((await cli.run(['doctor'])).answer).toContain('a server is running on it');
});

test.each(['PARLEY_PORT', 'PARLEY_METRICS_PORT'])(
  'a port that is taken is named, as %s, before a key is shown',
  async (variable) => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, '127.0.0.1', resolve);
    });
    const { port } = other.address() as AddressInfo;
    const refused = await cli.run(['start'], { [variable]: `${port}` });
    other.close();
    expect(refused).toEqual({
      code: 1,
      answer: '',
      note: `127.0.0.1:${port} is taken: set ${variable} to a free port\n`,
    });
    const running = await cli.serve();
    expect(running.output()).toContain('prl_live_');
  },
);

test('after kill -9 the next start serves what was answered before, and nothing has to be cleaned up', async () => {
  const first = await cli.serve();
  const key = firstKeyOf(first);
  const turn = await chat(first, key, 'How do I stream a reply?');
  expect((await first.end('SIGKILL')).code).toBeNull();

  const second = await cli.serve();
  const response = await get(second, `/v1/turns/${turn.id}`, key);
  expect(await response.json()).toMatchObject({ id: turn.id, status: 'completed' });
});

test('a backup that is taken while the server writes is a whole installation, together with the secret', async () => {
  const server = await cli.serve();
  const key = firstKeyOf(server);
  const before = await chat(server, key, 'How do I stream a reply?');
  const copy = join(cli.folder, 'copy.db');
  const progress = { done: false, turns: 0 };
  const writing = Array.from({ length: 4 }, async () => {
    while (!progress.done) {
      await chat(server, key, 'How do I teach a bot about my business?');
      progress.turns++;
    }
  });
  const { code, answer, note } = await cli.run(['backup', copy]).finally(() => {
    progress.done = true;
  });
  await Promise.all(writing);
  expect(progress.turns).toBeGreaterThan(0);
  expect({ code, answer }).toEqual({ code: 0, answer: '' });
  expect(note).toContain(join(cli.dataDir, 'secret'));
  expect(await cli.run(['backup', copy])).toMatchObject({ code: 1 });
  expect((await cli.run(['backup', copy, '--force'])).code).toBe(0);

  const restored = join(cli.folder, 'restored');
  mkdirSync(restored, { mode: 0o700 });
  copyFileSync(copy, join(restored, 'parley.db'));
  expect(await cli.run(['doctor'], { PARLEY_DATA_DIR: restored })).toMatchObject({ code: 1 });
  copyFileSync(join(cli.dataDir, 'secret'), join(restored, 'secret'));
  expect(await cli.run(['doctor'], { PARLEY_DATA_DIR: restored })).toMatchObject({ code: 0 });
  const other = await cli.serve({ PARLEY_DATA_DIR: restored });
  expect(other.output()).not.toMatch(secretPattern);
  expect((await get(other, `/v1/turns/${before.id}`, key)).status).toBe(200);
});

test('what a server writes to its log has no secret, no message and no reply in it', async () => {
  const server = await cli.serve({
    PARLEY_LOG: 'trace',
    PARLEY_PROVIDER_X_URL: 'http://127.0.0.1:1/v1',
    PARLEY_PROVIDER_X_KEY: 'canary-key',
  });
  const key = firstKeyOf(server);
  await chat(server, key, 'canary-message');
  await get(server, '/v1/bots?unknown=canary-query', key);
  await fetch(`${server.url}/v1/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: '{"canary-body',
  });
  const { note } = await server.end('SIGTERM');
  expect(note).not.toBe('');
  expect(note).not.toContain('canary');
  expect(note).not.toContain(key);
  expect(note).not.toContain(readFileSync(join(cli.dataDir, 'secret'), 'utf8').trim());
});

test('a folder that cannot be made is named', async () => {
  const { code, note } = await cli.run(['start'], { PARLEY_DATA_DIR: '/dev/null/data' });
  expect(code).toBe(1);
  expect(note).toContain('the data directory /dev/null/data cannot be made');
  expect(existsSync('/dev/null/data')).toBe(false);
});
