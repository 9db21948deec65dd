import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine } from './command-line.ts';

let parley: ReturnType<typeof commandLine>;
beforeAll(async () => {
  parley = commandLine();
  const { code, note } = await parley.run(['migrate']);
  if (code !== 0) throw new Error(note);
  symlinkSync(parley.dataDir, join(parley.folder, 'link'));
});
afterAll(() => parley.cleanUp());

test.each(['data/parley.db', 'data/parley.db-wal', 'data/secret', 'data/new', 'link/parley.db', 'link/secret'])(
  'a backup is never written into the data directory, forced or not: %s',
  async (target) => {
    const secret = readFileSync(join(parley.dataDir, 'secret'), 'utf8');
    const { code, note } = await parley.run(['backup', join(parley.folder, target), '--force']);
    expect([code, note]).toEqual([2, expect.stringContaining('outside the data directory')]);
    expect(readFileSync(join(parley.dataDir, 'secret'), 'utf8')).toBe(secret);
  },
);

test('a backup and an export say which folder is missing, or is none, and leave nothing behind', async () => {
  const other = commandLine();
  try {
    await other.serve();
    const [workspace = ''] = /ws_\w+/.exec((await other.run(['audit', 'verify'])).answer) ?? [];
    const missing = join(other.folder, 'backups');
    const file = join(other.folder, 'file');
    writeFileSync(file, '');
    for (const command of [['backup'], ['export', '--workspace', workspace]]) {
      for (const [folder, note] of [
        [missing, `there is no folder ${missing}: make it first, or name another\n`],
        [file, `${file} is no folder: name another\n`],
      ] as const) {
        expect(await other.run([...command, join(folder, 'copy')])).toEqual({ code: 1, answer: '', note });
      }
    }
    expect(existsSync(missing)).toBe(false);
  } finally {
    await other.cleanUp();
  }
});

test('a start without the secret of its database fails, and makes no other secret', async () => {
  const other = commandLine();
  try {
    await other.run(['migrate']);
    rmSync(join(other.dataDir, 'secret'));
    const { code, note } = await other.run(['start']);
    expect([code, note]).toEqual([1, expect.stringContaining('secret')]);
    expect(existsSync(join(other.dataDir, 'secret'))).toBe(false);
  } finally {
    await other.cleanUp();
  }
});
