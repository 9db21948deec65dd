import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteConnection } from './connection.ts';
import { Durability } from './durability.ts';
import { SqliteWriter } from './writer.ts';

let directory: string;
let connection: SqliteConnection;
let durability: Durability;
let writer: SqliteWriter;
/** The syncs that were begun, each to be ended by the test. */
let syncs: ((error: Error | null) => void)[];
let failures: unknown[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-durability-'));
  connection = new SqliteConnection(join(directory, 'test.db'), { readOnly: false });
  connection.exec('create table notes (text text not null); pragma synchronous = normal');
  syncs = [];
  failures = [];
  durability = new Durability(join(directory, 'test.db-wal'), {
    onFailure: (error) => failures.push(error),
    sync: (_file, done) => syncs.push(done),
  });
  writer = new SqliteWriter(connection, durability);
});
afterEach(() => {
  connection.close();
  rmSync(directory, { recursive: true });
});

const note = (text: string) => {
  const state = { settled: false };
  const done = writer.run((open) => open.run('insert into notes (text) values (?)', text));
  void done.then(
    () => (state.settled = true),
    () => (state.settled = true),
  );
  return { done, state };
};
const notes = (): number => connection.get<{ count: number }>('select count(*) as count from notes')!.count;
/** Everything that was about to run has run: a timer may come before what was put off to the end of the tick. */
const tick = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a unit', () => {
  it('is answered once the disk has it, not when it is committed', async () => {
    const { done, state } = note('a');
    await tick();
    expect([notes(), syncs.length, state.settled]).toEqual([1, 1, false]);
    syncs[0]?.(null);
    await done;
  });

  it('is given to whoever works on it while the disk takes it, and to nobody where it threw', async () => {
    const written: number[] = [];
    const done = writer.run(
      (open) => open.run('insert into notes (text) values (?)', 'a'),
      (changes) => written.push(changes),
    );
    const thrown = writer.run(
      () => {
        throw new Error('no');
      },
      () => written.push(-1),
    );
    await tick();
    expect([written, syncs.length]).toEqual([[1], 1]);
    syncs[0]?.(null);
    await done;
    await expect(thrown).rejects.toThrow('no');
    expect(written).toEqual([1]);
  });

  it('that arrives while the disk is busy shares the next commit with all others that do', async () => {
    const first = note('a');
    await tick();
    const later = [note('b'), note('c')];
    await tick();
    later.push(note('d'));
    await tick();
    expect([notes(), syncs.length]).toEqual([1, 1]);
    syncs[0]?.(null);
    await first.done;
    await tick();
    expect([notes(), syncs.length, ...later.map(({ state }) => state.settled)]).toEqual([4, 2, false, false, false]);
    syncs[1]?.(null);
    await Promise.all(later.map(({ done }) => done));
  });
});

describe('after a sync has failed', () => {
  it('everything is refused, is never synced again, and is told once', async () => {
    const first = note('a');
    await tick();
    const second = note('b');
    await tick();
    syncs[0]?.(new Error('EIO: i/o error, fdatasync'));
    await expect(first.done).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(second.done).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(note('c').done).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(durability.reached()).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(writer.exclusively(async () => 'in')).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect([notes(), syncs.length, failures.length]).toEqual([1, 1, 1]);
  });
});
