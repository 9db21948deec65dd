import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endlessQuery as endless, makeFileToRead } from '../../../test/sqlite-file-to-read.ts';
import { SqliteReadWorker } from './read-worker.ts';

let file: Awaited<ReturnType<typeof makeFileToRead>>;

const open = (options: { timeoutMs?: number } = {}): SqliteReadWorker =>
  file.opened(new SqliteReadWorker(file.path, options));

beforeEach(async () => {
  file = await makeFileToRead();
});

afterEach(() => file.remove());

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
