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

  it('answers many at once, each with its own rows', async () => {
    const worker = open();
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => worker.all('select ? as at', [at])));
    expect(answers.map(([row]) => row?.['at'])).toEqual(Array.from({ length: 40 }, (_, at) => at));
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

  it('gives up a query that takes too long, and answers the one behind it in a new thread', async () => {
    const worker = open({ timeoutMs: 2_000 });
    const slow = worker.all(endless, []);
    const next = worker.all('select 1 as one', []);
    await expect(slow).rejects.toMatchObject({ code: 'overloaded' });
    expect(await next).toEqual([{ one: 1 }]);
  });

  it('refuses an answer with more rows than are copied', async () => {
    const many = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i from n';
    const worker = open();
    expect(await worker.all(many, [10_000])).toHaveLength(10_000);
    await expect(worker.all(many, [10_001])).rejects.toMatchObject({ code: 'overloaded' });
    expect(await worker.all('select 1 as one', [])).toEqual([{ one: 1 }]);
  });

  it('refuses to let more than 64 wait', async () => {
    const worker = open();
    const asked = Array.from({ length: 66 }, () => worker.all('select 1 as one', []));
    const outcomes = await Promise.allSettled(asked);
    // one runs and 64 wait
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await expect(asked[65]).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('gives up what runs and what waits when it is closed', async () => {
    const worker = open();
    const asked = [worker.all(endless.replace('30000000', '1000000'), []), worker.all('select 1 as one', [])];
    const outcomes = Promise.allSettled(asked);
    await worker.close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'storage_unavailable' } });
    await expect(worker.all('select 1 as one', [])).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
