import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteConnection } from './connection.ts';
import { openDurability } from './durability.ts';
import { TraceEraser } from './trace-eraser.ts';
import { SqliteWriter } from './writer.ts';

const erased = 'CANARY-OF-THE-ERASED';
const kept = 'CANARY-OF-THE-NEIGHBOUR';
const never = new AbortController().signal;

let directory: string;
let path: string;
let connection: SqliteConnection;
let writer: SqliteWriter;
let traces: TraceEraser;
let closeStore: () => Promise<void>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-traces-'));
  path = join(directory, 'parley.db');
  connection = new SqliteConnection(path, { readOnly: false });
  const durability = await openDurability(connection, path, { onFailure: () => {} });
  writer = new SqliteWriter(connection, durability);
  traces = new TraceEraser(path, writer);
  closeStore = async () => {
    await writer.close();
    await durability.close();
    connection.close();
    traces.close();
  };
  connection.exec(`create table messages (conversation text not null, seq integer not null, id text not null,
    text text not null, primary key (conversation, seq)) without rowid;
    create unique index messages_id on messages (id);
    create table users (id text primary key not null, traits text not null) without rowid`);
});
afterEach(async () => {
  await closeStore();
  await rm(directory, { recursive: true });
});

/** Forty conversations that grow side by side, so that their pages split; every fourth is to be erased. */
const fill = async (rounds: number): Promise<void> => {
  for (let round = 0; round < rounds; round++) {
    await writer.run((open) => {
      for (let at = 0; at < 40; at++) {
        const whose = at % 4 === 0 ? erased : kept;
        // sizes that differ, without chance
        const text = `${whose} ${'words '.repeat((at * 31 + round * 17) % 83)}`;
        open.run('insert into messages values (?, ?, ?, ?)', `conv${at}`, round, `msg${at}-${round}`, text);
        const id = `${(at * 7_919 + round * 104_729) % 99_991}-${at}-${round} ${whose}`;
        open.run('insert into users values (?, ?)', id, whose);
      }
    });
  }
};

/** As the jobs do: some rows at a time, from the oldest on. */
const remove = async (rounds: number): Promise<void> => {
  for (let at = 0; at < 40; at += 4) {
    for (let last = 9; last < rounds + 9; last += 10) {
      await writer.run((open) =>
        open.run('delete from messages where conversation = ? and seq <= ?', `conv${at}`, last),
      );
    }
  }
  await writer.run((open) => open.run('delete from users where traits = ?', erased));
};

const filesHold = async (text: string): Promise<string[]> => {
  const found: string[] = [];
  for (const name of ['parley.db', 'parley.db-wal', 'parley.db-shm']) {
    if ((await readFile(join(directory, name))).includes(text)) found.push(name);
  }
  return found;
};

test('what was deleted is in none of the files, and what was not is still there', async () => {
  await fill(120);
  await remove(120);
  // secure_delete and an empty log alone leave some of it, which is why this exists
  connection.get('pragma wal_checkpoint(truncate)');
  expect(await filesHold(erased)).toEqual(['parley.db']);
  await traces.erase(never);
  expect(await filesHold(erased)).toEqual([]);
  expect(await filesHold(kept)).toContain('parley.db');
  expect(connection.get('pragma integrity_check')).toEqual({ integrity_check: 'ok' });
  expect(connection.get('select count(*) as messages from messages')).toEqual({ messages: 120 * 30 });
});

test('writers go on meanwhile, and what they write brings nothing back', async () => {
  await fill(60);
  await remove(60);
  const stop = new AbortController();
  let written = 0;
  const others = (async () => {
    while (!stop.signal.aborted) {
      await writer.run((open) => {
        open.run(
          'insert into messages values (?, ?, ?, ?)',
          `conv${written % 40}`,
          1_000 + written,
          `late${written}`,
          kept,
        );
      });
      written += 1;
    }
  })();
  await traces.erase(never);
  expect(await filesHold(erased)).toEqual([]);
  const during = written;
  await expect.poll(() => written).toBeGreaterThan(during + 50);
  stop.abort();
  await others;
  await writer.run((open) => open.run("update messages set text = text || 'x' where seq >= 1000"));
  connection.get('pragma wal_checkpoint(truncate)');
  expect(await filesHold(erased)).toEqual([]);
  expect(connection.get('pragma integrity_check')).toEqual({ integrity_check: 'ok' });
});

test('a long read does not stop it, but is waited for', async () => {
  await fill(20);
  await remove(20);
  const reader = new SqliteConnection(path, { readOnly: true });
  const rows = reader.database.prepare('select text from messages').iterate();
  rows.next();
  const begun = traces.erase(never);
  expect(
    await Promise.race([begun.then(() => 'done'), new Promise((resolve) => setTimeout(resolve, 300, 'waits'))]),
  ).toBe('waits');
  rows.return?.();
  reader.close();
  await begun;
  expect(await filesHold(erased)).toEqual([]);
});

test('it stops where it is told to', async () => {
  await fill(5);
  const abort = new AbortController();
  abort.abort();
  await expect(traces.erase(abort.signal)).rejects.toThrow('aborted');
  await traces.erase(never);
});

test.each([
  ['at its start', 'process.exit(1)'],
  ['when it is asked', "require('worker_threads').parentPort.on('message', () => process.exit(1))"],
  ['with an error', "throw new Error('the thread is broken')"],
])('a thread that ends %s fails the erasure, and holds up neither the next one nor a writer', async (_when, code) => {
  const program = join(directory, 'dying-thread.cjs');
  await writeFile(program, code);
  const dying = new TraceEraser(path, writer, pathToFileURL(program));
  for (let tries = 0; tries < 2; tries++) await expect(dying.erase(never)).rejects.toThrow('the thread');
  await dying.idle();
  await fill(1);
  await traces.erase(never);
  dying.close();
});
