import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Checkpointer } from './checkpointer.ts';
import { SqliteConnection } from './connection.ts';

let directory: string;
let path: string;
let connection: SqliteConnection;
let checkpointer: Checkpointer;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-checkpoints-'));
  path = join(directory, 'parley.db');
  connection = new SqliteConnection(path, { readOnly: false });
  connection.exec('pragma wal_autocheckpoint = 0; create table texts (text text not null)');
});
afterEach(async () => {
  await checkpointer.close();
  connection.close();
  await rm(directory, { recursive: true });
});

const waitingPages = (): number => {
  const state = connection.get<{ log: number; checkpointed: number }>('pragma wal_checkpoint(noop)');
  return state ? state.log - state.checkpointed : 0;
};

/** More than is worth a checkpoint, and as many commits as are between two looks. */
const commitMuch = (): void => {
  connection.run('insert into texts values (?)', 'x'.repeat(10_000_000));
  for (let commits = 0; commits < 25; commits++) checkpointer.noteCommit();
};

test('a long log is brought into the database beside the writer', async () => {
  checkpointer = new Checkpointer(path, connection);
  commitMuch();
  expect(waitingPages()).toBeGreaterThan(2_000);
  await expect.poll(waitingPages).toBe(0);
});

test.each([
  ['without a word', 'process.exit(0)'],
  ['with an error', "throw new Error('broken')"],
])('a thread that ends %s is followed by another', async (_how, end) => {
  const starts = join(directory, 'starts');
  const program = join(directory, 'dying-thread.cjs');
  await writeFile(
    program,
    `require('fs').appendFileSync(${JSON.stringify(starts)}, 'x');
    require('worker_threads').parentPort.on('message', () => { ${end} });`,
  );
  checkpointer = new Checkpointer(path, connection, pathToFileURL(program));
  const started = () => readFile(starts, 'utf8').catch(() => '');
  commitMuch();
  await expect.poll(started).toBe('x');
  await expect
    .poll(async () => {
      commitMuch();
      return (await started()).length;
    })
    .toBeGreaterThan(1);
});
