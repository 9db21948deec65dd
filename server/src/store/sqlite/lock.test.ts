import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isDataDirLocked, lockDataDir } from './lock.ts';

let folder = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Another process that holds the data directory until it is killed. */
const holdElsewhere = async (): Promise<ChildProcess> => {
  const program = `
    import { lockDataDir } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    const lock = lockDataDir(${JSON.stringify(folder)});
    process.stdout.write(lock ? 'held' : 'refused');
    setInterval(() => {}, 1_000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  children.push(child);
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  expect(output.toString()).toBe('held');
  return child;
};

test('a second process cannot have the data directory of the first', async () => {
  await holdElsewhere();
  expect(lockDataDir(folder)).toBeNull();
  expect(isDataDirLocked(folder)).toBe(true);
});

test('a process that was killed leaves nothing behind that has to be cleaned up', async () => {
  const child = await holdElsewhere();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = lockDataDir(folder);
  expect(lock).not.toBeNull();
  lock?.release();
});

test('looking whether the directory is held does not hold it', () => {
  expect(isDataDirLocked(folder)).toBe(false);
  const lock = lockDataDir(folder);
  expect(lock).not.toBeNull();
  expect(isDataDirLocked(folder)).toBe(true);
  lock?.release();
  expect(isDataDirLocked(folder)).toBe(false);
});
