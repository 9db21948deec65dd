import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { SqliteConnection } from './connection.ts';
import { checkSqlite } from './inspect.ts';

/** In one step, so under one snapshot: a copy in several steps begins anew whenever the server writes between two. */
const pagesPerStep = 0x7fff_ffff;

/** Two steps: flush the file, then the entry in its folder. */
const flush = (path: string): void => {
  for (const place of process.platform === 'win32' ? [path] : [path, dirname(path)]) {
    const handle = openSync(place, place === path ? 'r+' : 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
};

/** Without a write-ahead log the copy is one file and nothing else. */
const makeSingleFile = (path: string): void => {
  const copy = new DatabaseSync(path);
  try {
    copy.exec('pragma journal_mode = delete');
  } finally {
    copy.close();
  }
};

export type BackupResult = { kind: 'done' } | { kind: 'exists' } | { kind: 'damaged'; faults: string[] };

/**
 * Copies the database at `from` to the file `to`, readable by its owner alone, while a server may be writing: the copy
 * holds every commit up to one moment and nothing behind it. It appears whole, checked and flushed, or not at all.
 */
export const backupSqlite = async (options: { from: string; to: string; replace: boolean }): Promise<BackupResult> => {
  const { from, to, replace } = options;
  if (!replace && existsSync(to)) return { kind: 'exists' };
  const draft = `${to}.${process.pid}.part`;
  // made before SQLite opens it, so that it never has wider permissions
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    const source = new SqliteConnection(from, { readOnly: true });
    try {
      await backup(source.database, draft, { rate: pagesPerStep });
    } finally {
      source.close();
    }
    makeSingleFile(draft);
    const faults = checkSqlite(draft, 'full');
    if (faults.length > 0) return { kind: 'damaged', faults };
    flush(draft);
    if (replace) renameSync(draft, to);
    else linkSync(draft, to);
    flush(to);
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return { kind: 'exists' };
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};
