import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isSqliteError } from './begin-immediate.ts';

/**
 * The claim of one process on a data directory: an exclusive transaction on a small database of its own. The operating
 * system ends it with the process, however that dies, so nothing ever has to be cleaned up.
 */
export type DataDirLock = { release(): void };

const fileName = 'parley.lock';
/** Long enough for somebody who only looks to be gone again. */
const waitMs = 1_000;
const sqliteBusy = 5;

/** What `take` opened, or null where another process holds the file; the connection stays open only where it succeeds. */
const attempt = (dataDir: string, timeoutMs: number, take: string): DatabaseSync | null => {
  const database = new DatabaseSync(join(dataDir, fileName), { timeout: timeoutMs });
  try {
    database.exec(take);
    return database;
  } catch (error) {
    database.close();
    if (isSqliteError(error) && (error.errcode & 0xff) === sqliteBusy) return null;
    throw error;
  }
};

/** Null where another process has the data directory. */
export const lockDataDir = (dataDir: string): DataDirLock | null => {
  const database = attempt(dataDir, waitMs, 'begin exclusive');
  return database && { release: () => database.close() };
};

/** Whether a server or a migration is at work in the data directory. Any number of processes may look at once. */
export const isDataDirLocked = (dataDir: string): boolean => {
  const database = attempt(dataDir, 0, 'select count(*) from sqlite_master');
  database?.close();
  return database === null;
};
