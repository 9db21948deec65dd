import { mkdirSync } from 'node:fs';
import { isFileError } from '../kit/file-error.ts';
import { type DataDirLock, lockDataDir } from '../store/sqlite/lock.ts';
import { CommandError } from './command.ts';

/** Makes the data directory where it is missing, for its owner alone. */
export const makeDataDir = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(
      `the data directory ${dataDir} cannot be made (${error.code}): set PARLEY_DATA_DIR to a folder that this user may write`,
      { cause: error },
    );
  }
};

/** Claims the data directory for this process; whoever may migrate and serve holds it. */
export const claimDataDir = (dataDir: string): DataDirLock => {
  const lock = lockDataDir(dataDir);
  if (lock) return lock;
  throw new CommandError(
    `another Parley process uses the data directory ${dataDir}: stop it first, or set PARLEY_DATA_DIR to another folder`,
  );
};
