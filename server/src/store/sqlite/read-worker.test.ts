import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteConnection } from './connection.ts';
import { SqliteReadWorker } from './read-worker.ts';

/** Counts for longer than any timeout below, and never longer than it takes to stop this file. */
const endless =
  'with recursive n(i) as (select 1 union all select i + 1 from n where i < 30000000) select max(i) as i from n';

let directory: string;
let path: string;
let workers: SqliteReadWorker[];

const open = (options: { timeoutMs?: number } = {}): SqliteReadWorker => {
  const worker = new SqliteReadWorker(path, options);
  workers.push(worker);
  return worker;
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-reader-'));
  path = join(directory, 'parley.db');
  workers = [];
  const connection = new SqliteConnection(path, { readOnly: false });
  connection.exec(`create table greetings (language text, word text);
    insert into greetings values ('en', 'hello'), ('ka', 'გამარჯობა')`);
  connection.close();
});

afterEach(async () => {
  for (const worker of workers) await worker.close();
  await rm(directory, { recursive: true });
});

describe('the thread for long reads', () => {
  it('gives the rows of a query', async () => {
    const rows = await open().all('select * from greetings where language = ?', ['ka']);
    expect(rows).toEqual([{ language: 'ka', word: 'გამარჯობა' }]);
  });

  it('lets the event loop run while a query does', async () => {
    const worker = open();
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 1);
    await worker.all(endless.replace('30000000', '2000000'), []);
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(5);
  });

  it('cannot write', async () => {
    await expect(open().all("insert into greetings values ('de', 'hallo')", [])).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('goes on after a query that is wrong', async () => {
    const worker = open();
    await expect(worker.all('select nothing from nowhere', [])).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await worker.all('select 1 as one', [])).toEqual([{ one: 1 }]);
  });

  it('refuses an answer with more rows than are copied', async () => {
    const many = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i from n';
    const worker = open();
    expect(await worker.all(many, [10_000])).toHaveLength(10_000);
    await expect(worker.all(many, [10_001])).rejects.toMatchObject({ code: 'overloaded' });
    expect(await worker.all('select 1 as one', [])).toEqual([{ one: 1 }]);
  });

  it('reads one thing at a time, and gives it up when it is closed', async () => {
    const worker = open();
    const running = Promise.allSettled([worker.all(endless.replace('30000000', '1000000'), [])]);
    await expect(worker.all('select 1 as one', [])).rejects.toThrow('one thing at a time');
    await worker.close();
    expect(await running).toMatchObject([{ reason: { code: 'storage_unavailable' } }]);
    await expect(worker.all('select 1 as one', [])).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
