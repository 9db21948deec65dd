import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SqliteConnection } from './connection.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-connection-'));
  path = join(folder, 'parley.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another process that has the file to itself for a moment, as one has that brings a killed server's log into it. */
const holdElsewhere = async (holdMs: number): Promise<{ ended: Promise<unknown> }> => {
  const program = `
    import { DatabaseSync } from 'node:sqlite';
    const database = new DatabaseSync(${JSON.stringify(path)});
    database.exec('pragma locking_mode = exclusive; begin immediate; create table held (id); commit');
    process.stdout.write('held');
    setTimeout(() => database.close(), ${holdMs});
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  expect(output.toString()).toBe('held');
  return { ended: once(child, 'exit') };
};

it.each([{ readOnly: false }, { readOnly: true }])(
  'waits for another process that has the file to itself while it is opened, %o',
  async (options) => {
    new SqliteConnection(path, { readOnly: false }).close();
    const { ended } = await holdElsewhere(400);
    const connection = new SqliteConnection(path, options);
    expect(connection.all('select * from held')).toEqual([]);
    connection.close();
    await ended;
  },
);

it('does not wait for anybody once it is open, where it writes', () => {
  const connection = new SqliteConnection(path, { readOnly: false });
  connection.exec('create table noted (id)');
  const other = new SqliteConnection(path, { readOnly: false });
  other.exec('begin immediate');
  expect(connection.get('pragma busy_timeout')).toEqual({ timeout: 0 });
  expect(() => connection.exec('begin immediate')).toThrow(/locked/);
  other.exec('rollback');
  other.close();
  connection.close();
});
