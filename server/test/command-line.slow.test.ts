import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

let cli: ReturnType<typeof commandLine>;
beforeEach(() => {
  cli = commandLine();
});
afterEach(() => cli.cleanUp());

const otherSecret = 'kV9x2LqPz7RmWb4TnY8sHd3JfGc6AeUo';

test('help names every command and needs nothing to be set up', async () => {
  const { code, answer, note } = await cli.run(['--help'], { PARLEY_PORT: 'wrong' });
  expect({ code, note }).toEqual({ code: 0, note: '' });
  for (const command of ['start', 'key create', 'migrate', 'backup', 'doctor', 'version'])
    expect(answer).toContain(command);
});

test('version says what package.json says', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  expect((await cli.run(['version'])).answer).toBe(`${version}\n`);
});

test.each([
  [['sing'], 'unknown command: sing'],
  [['key', 'sing'], 'unknown command: key sing'],
  [['start', '--loud'], "Unknown option '--loud'"],
  [['migrate', 'now'], "Unexpected argument 'now'"],
  [['backup'], 'backup needs the name of the file to write'],
  [['backup', 'a.db', 'b.db'], 'unexpected argument: b.db'],
  [['key', 'create', '--scopes', 'all'], '--name is missing'],
  [['key', 'create', '--name', 'x'], '--scopes is missing'],
  [['key', 'create', '--name', 'x', '--scopes', 'chat,sing'], '--scopes has sing'],
  [['key', 'create', '--name', 'x', '--scopes', 'all', '--expires', 'soon'], '--expires is "soon"'],
  [['key', 'create', '--name', 'x', '--scopes', 'all', '--expires', '2020-01-01'], 'it must be in the future'],
])('%j is refused with 2, a reason, and nothing on standard output', async (args, reason) => {
  const { code, answer, note } = await cli.run(args);
  expect({ code, answer }).toEqual({ code: 2, answer: '' });
  expect(note).toContain(reason);
});

test('a wrong variable stops a command with a line that names it', async () => {
  const { code, note } = await cli.run(['migrate'], { PARLEY_PORT: 'x', PARLEY_PROT: '1' });
  expect(code).toBe(1);
  expect(note.split('\n')).toEqual([
    'PARLEY_PROT is not known; did you mean PARLEY_PORT?',
    'PARLEY_PORT is "x": it must be a whole number from 0 to 65535',
    '',
  ]);
});

test.each([
  ['key', 'create', '--name', 'x', '--scopes', 'all'],
  ['backup', 'copy.db'],
])('%s says what to do where there is no database yet', async (...args) => {
  const { code, answer, note } = await cli.run(args);
  expect({ code, answer }).toEqual({ code: 1, answer: '' });
  expect(note).toContain('run start or migrate first');
});

test('migrate makes the database once and is content the second time', async () => {
  const first = await cli.run(['migrate']);
  const second = await cli.run(['migrate']);
  expect([first.code, second.code]).toEqual([0, 0]);
  expect(first.note).toContain('made the database');
  expect(second.note).toBe('the database is up to date\n');
  for (const name of ['parley.db', 'secret', 'parley.lock']) {
    expect(statSync(join(cli.dataDir, name)).mode & 0o077, name).toBe(0);
  }
});

test('a database under another secret is refused before anything is made with it', async () => {
  await cli.run(['migrate']);
  for (const args of [['migrate'], ['start'], ['key', 'create', '--name', 'x', '--scopes', 'all']]) {
    const { code, answer, note } = await cli.run(args, { PARLEY_SECRET: otherSecret });
    expect({ code, answer }).toEqual({ code: 1, answer: '' });
    expect(note).toContain('was made under another secret than the one in the variable PARLEY_SECRET');
    expect(note).not.toContain(otherSecret);
  }
});

test('a database that was restored without its secret is told apart from one that is not there, by every command', async () => {
  await cli.run(['migrate']);
  const secret = join(cli.dataDir, 'secret');
  rmSync(secret);
  const advice = `the secret that belongs to the database is not at ${secret}: bring it back\n`;
  for (const args of [
    ['start'],
    ['migrate'],
    ['key', 'create', '--name', 'x', '--scopes', 'all'],
    ['secret', 'rotate'],
  ]) {
    expect(await cli.run(args), args.join(' ')).toEqual({ code: 1, answer: '', note: advice });
  }
  expect((await cli.run(['doctor'])).answer).toContain(`PROBLEM ${advice}`);
  expect(existsSync(secret)).toBe(false);
});

describe('doctor', () => {
  test('has nothing to mend before the first start, and makes nothing', async () => {
    const { code, answer } = await cli.run(['doctor']);
    expect({ code, last: answer.trim().split('\n').at(-1) }).toEqual({ code: 0, last: 'Nothing to mend.' });
    expect((await cli.run(['doctor'])).answer).toContain('there is no data directory');
  });

  test('has nothing to mend after a migration', async () => {
    await cli.run(['migrate']);
    const { code, answer } = await cli.run(['doctor']);
    expect(code).toBe(0);
    expect(answer).toContain('every migration is done');
    expect(answer).toContain('the file is whole');
    expect(answer).toContain('belongs to the database');
  });

  test('tells of jobs that were given up, and of what waits', async () => {
    await cli.run(['migrate']);
    expect((await cli.run(['doctor'])).answer).toContain('ok      no job was given up');
    const database = new DatabaseSync(join(cli.folder, 'data/parley.db'));
    const job = (id: string, status: string) =>
      database.exec(`insert into jobs (id, workspace_id, kind, payload, status, run_at, fence, attempts, created_at)
        values ('${id}', null, 'purge-source', '{}', '${status}', 0, 0, 8, 0)`);
    job('job_1', 'dead');
    job('job_2', 'waiting');
    database.close();
    const { code, answer } = await cli.run(['doctor']);
    expect(code).toBe(0);
    expect(answer).toContain('warning jobs were given up (purge-source 1)');
    expect(answer).toMatch(/warning 1 jobs wait, the oldest due for \d+ min/);
    expect(answer).toContain('ok      0 webhook deliveries wait');
  });

  test('says every mistake of the configuration', async () => {
    const { code, answer } = await cli.run(['doctor'], { PARLEY_LOG: 'loud', REDIS_URL: 'redis://x' });
    expect(code).toBe(1);
    expect(answer).toContain('PROBLEM REDIS_URL is for several servers on one DATABASE_URL');
    expect(answer).toContain('PROBLEM PARLEY_LOG is "loud"');
    expect(answer).toContain('2 to mend.');
  });

  test('looks into the plans file', async () => {
    const path = join(cli.folder, 'plans.json');
    writeFileSync(path, '{"default":"a","plans":{"b":{}}}');
    const { code, answer } = await cli.run(['doctor'], { PARLEY_PLANS: path });
    expect(code).toBe(1);
    expect(answer).toContain(`PROBLEM ${path}: The plans file: `);
  });

  test('notices the wrong secret, and a file that is no database', async () => {
    await cli.run(['migrate']);
    const wrongSecret = await cli.run(['doctor'], { PARLEY_SECRET: otherSecret });
    expect(wrongSecret.code).toBe(1);
    expect(wrongSecret.answer).toContain('bring back the right one');
    expect(wrongSecret.answer).not.toContain(otherSecret);

    const elsewhere = join(cli.folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    writeFileSync(join(elsewhere, 'parley.db'), 'x'.repeat(8_192));
    const noDatabase = await cli.run(['doctor'], { PARLEY_DATA_DIR: elsewhere });
    expect(noDatabase.code).toBe(1);
    expect(noDatabase.answer).toContain('cannot be read');
  });

  test('asks each provider for its models and never shows a key', async () => {
    const seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
    const provider = createServer((request, response) => {
      seen.push({ url: request.url, headers: request.headers });
      response.writeHead(request.headers.authorization === 'Bearer canary-good' ? 200 : 401).end('{"data":[]}');
    });
    await new Promise<void>((resolve) => {
      provider.listen(0, '127.0.0.1', resolve);
    });
    const { port } = provider.address() as AddressInfo;
    const { code, answer, note } = await cli.run(['doctor'], {
      PARLEY_PROVIDER_GOOD_URL: `http://127.0.0.1:${port}/v1`,
      PARLEY_PROVIDER_GOOD_KEY: 'canary-good',
      PARLEY_PROVIDER_BAD_URL: `http://127.0.0.1:${port}/v1/`,
      PARLEY_PROVIDER_BAD_KEY: 'canary-bad',
      PARLEY_PROVIDER_GONE_URL: 'http://127.0.0.1:1/v1',
    });
    provider.close();
    expect(code).toBe(1);
    expect(answer).toContain('ok      provider good answers');
    expect(answer).toMatch(/PROBLEM provider bad .* refuses the key \(401\)/);
    expect(answer).toMatch(/PROBLEM provider gone .* nothing listens there/);
    expect(seen.map(({ url }) => url)).toEqual(['/v1/models', '/v1/models']);
    expect(answer + note).not.toContain('canary');
  });
});

test('an export that holds keys and does not say under which secret is not taken for one of here', async () => {
  const server = await cli.serve();
  await server.end('SIGTERM');
  const database = new DatabaseSync(join(cli.dataDir, 'parley.db'));
  const { id } = database.prepare('select id from workspaces').get() as { id: string };
  const file = join(cli.folder, 'moved.jsonl');
  expect(await cli.run(['export', '--workspace', id, file])).toMatchObject({ code: 0 });
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(/"secret_fingerprints":\[[^\]]*\]/u, '"secret_fingerprints":[]'),
  );
  const refused = await cli.run(['import', file]);
  expect(refused.code).toBe(1);
  expect(refused.note).toContain('--other-secret');
  database.close();
});
