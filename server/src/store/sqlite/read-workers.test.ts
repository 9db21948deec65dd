import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endlessQuery as endless, makeFileToRead } from '../../../test/sqlite-file-to-read.ts';
import { SqliteReadWorkers } from './read-workers.ts';

let file: Awaited<ReturnType<typeof makeFileToRead>>;

const open = (options: { timeoutMs?: number } = {}): SqliteReadWorkers =>
  file.opened(new SqliteReadWorkers(file.path, options));

beforeEach(async () => {
  file = await makeFileToRead();
});

afterEach(() => file.remove());

const one = 'select 1 as one';

describe('the threads for long reads', () => {
  it('answer many at once, each with its own rows', async () => {
    const threads = open();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => threads.all(`ws_${at}`, 'select ? as at', [at])),
    );
    expect(answers.map(([row]) => row?.['at'])).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  it('give up a query that takes too long, and answer the one behind it in a new thread', async () => {
    const threads = open({ timeoutMs: 2_000 });
    const slow = threads.all('ws_a', endless, []);
    const next = threads.all('ws_a', one, []);
    await expect(slow).rejects.toMatchObject({ code: 'overloaded' });
    expect(await next).toEqual([{ one: 1 }]);
  });

  it("answer a workspace while another's read goes on, however many of that one wait", async () => {
    const threads = open();
    const ended: string[] = [];
    const ask = (workspaceId: string, query: string) =>
      threads.all(workspaceId, query, []).then(
        () => ended.push(workspaceId),
        () => ended.push(`${workspaceId}, given up`),
      );
    const busy = Array.from({ length: 10 }, () => ask('ws_a', endless));
    await ask('ws_b', one);
    expect(ended).toEqual(['ws_b']);
    await threads.close();
    await Promise.all(busy);
  });

  it('refuse to let more than 16 of a workspace wait, and more than 64 of all', async () => {
    const threads = open();
    const countRefused = async (workspaceIds: readonly string[]): Promise<number> => {
      const outcomes = await Promise.allSettled(workspaceIds.map((id) => threads.all(id, one, [])));
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      for (const outcome of refused) {
        expect(outcome).toMatchObject({ reason: { code: 'overloaded', retryAfterSeconds: 5 } });
      }
      return refused.length;
    };
    // one runs
    expect(await countRefused(Array.from({ length: 18 }, () => 'ws_a'))).toBe(1);
    // two run
    expect(await countRefused(Array.from({ length: 67 }, (_, at) => `ws_${at}`))).toBe(1);
  });

  it('give up what runs and what waits when they are closed', async () => {
    const threads = open();
    const asked = [
      threads.all('ws_a', endless.replace('30000000', '1000000'), []),
      threads.all('ws_a', 'select 1 as one', []),
    ];
    const outcomes = Promise.allSettled(asked);
    await threads.close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'storage_unavailable' } });
    await expect(threads.all('ws_a', 'select 1 as one', [])).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
