import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParleyError } from '../../core/error.ts';
import { SqliteConnection } from './connection.ts';
import { type Durability, openDurability } from './durability.ts';
import { SqliteWriter } from './writer.ts';

let directory: string;
let connection: SqliteConnection;
let durability: Durability;
let writer: SqliteWriter;
/** What was executed outside prepared statements. */
let executed: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-writer-'));
  connection = new SqliteConnection(join(directory, 'test.db'), { readOnly: false });
  connection.exec('create table notes (id integer primary key, text text not null unique)');
  executed = [];
  const exec = connection.exec.bind(connection);
  connection.exec = (sql) => {
    executed.push(sql);
    exec(sql);
  };
  durability = await openDurability(connection, join(directory, 'test.db'), { onFailure: () => {} });
  writer = new SqliteWriter(connection, durability);
});
afterEach(async () => {
  await writer.close();
  await durability.close();
  connection.close();
  rmSync(directory, { recursive: true });
});

const note = (text: string) => writer.run((open) => open.run('insert into notes (text) values (?)', text));

/** As another process sees them: only what is committed. */
const committed = (): string[] => {
  const other = new DatabaseSync(join(directory, 'test.db'), { readOnly: true });
  const rows = other.prepare('select text from notes order by id').all() as { text: string }[];
  other.close();
  return rows.map((row) => row.text);
};

const commits = (): number => executed.filter((sql) => sql === 'commit').length;

describe('units that arrive together', () => {
  it('share one commit, and are durable once their promises settle', async () => {
    await Promise.all(['a', 'b', 'c'].map(note));
    expect(committed()).toEqual(['a', 'b', 'c']);
    expect(commits()).toBe(1);
  });

  it('are undone alone where they throw, whatever they had written', async () => {
    const results = await Promise.allSettled([
      note('a'),
      writer.run((open) => {
        open.run("insert into notes (text) values ('half')");
        throw new ParleyError('conversation_busy');
      }),
      note('b'),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(committed()).toEqual(['a', 'b']);
    expect(commits()).toBe(1);
  });

  it('reject with storage_unavailable where a statement fails, and say nothing of its inside', async () => {
    const [, second] = await Promise.allSettled([note('same'), note('same')]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
    expect(String((second as PromiseRejectedResult).reason)).not.toContain('UNIQUE');
    expect(committed()).toEqual(['same']);
  });

  it('are all rejected, and none is kept, where the disk is full; what comes later is written', async () => {
    await note('before');
    const { page_count: pages } = connection.get<{ page_count: number }>('pragma page_count')!;
    connection.exec(`pragma max_page_count = ${pages}`);
    const large = 'x'.repeat(50_000);
    const results = await Promise.allSettled([note('small'), note(large), note('also small')]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(committed()).toEqual(['before']);
    connection.exec('pragma max_page_count = 1000000');
    await note('after');
    expect(committed()).toEqual(['before', 'after']);
  });

  it('are all rejected where the commit itself fails', async () => {
    const exec = connection.exec.bind(connection);
    connection.exec = (sql) => {
      if (sql === 'commit') throw new Error('disk I/O error');
      exec(sql);
    };
    const results = await Promise.allSettled([note('a'), note('b')]);
    connection.exec = exec;
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(committed()).toEqual([]);
    await note('c');
    expect(committed()).toEqual(['c']);
  });
});

describe('the writer', () => {
  it('waits for another process that holds the database, and keeps the event loop free meanwhile', async () => {
    const other = new DatabaseSync(join(directory, 'test.db'));
    other.exec('begin immediate');
    const writing = note('patient');
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(committed()).toEqual([]);
    other.exec('commit');
    other.close();
    await writing;
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
    expect(committed()).toEqual(['patient']);
  });

  it('lets long transactions and units take turns, never one inside the other', async () => {
    const order: string[] = [];
    const long = (name: string) =>
      writer.exclusively(async (open) => {
        open.exec('begin immediate');
        order.push(`${name} begins`);
        open.run('insert into notes (text) values (?)', name);
        await new Promise((resolve) => setTimeout(resolve, 20));
        open.exec('commit');
        order.push(`${name} ends`);
      });
    await Promise.all([note('u1'), long('t1'), note('u2'), long('t2'), note('u3')]);
    expect(committed().toSorted()).toEqual(['t1', 't2', 'u1', 'u2', 'u3']);
    expect(order).toEqual(['t1 begins', 't1 ends', 't2 begins', 't2 ends']);
  });

  it('writes what waits before it closes, and refuses what comes after', async () => {
    const last = note('last');
    await writer.close();
    await last;
    expect(committed()).toEqual(['last']);
    await expect(note('late')).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('refuses more than it can hold instead of growing', async () => {
    const waiting = Array.from({ length: 10_001 }, (_, at) => note(`n${at}`));
    const results = await Promise.allSettled(waiting);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(10_000);
    expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } });
  });
});
