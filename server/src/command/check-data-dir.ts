import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFileError } from '../kit/file-error.ts';
import { isDataDirLocked } from '../store/sqlite/lock.ts';
import { type Finding, fact, problem, warning } from './finding.ts';

const mebibyte = 1_048_576;
/** Below the first the server is about to stop taking messages; below the second somebody should look. */
const leastFreeBytes = 256 * mebibyte;
const scarceFreeBytes = 2_048 * mebibyte;
const othersMayEnter = 0o007;

const checkSpace = (dataDir: string): Finding => {
  const { bavail, bsize } = statfsSync(dataDir);
  const freeBytes = bavail * bsize;
  const text = `${Math.floor(freeBytes / mebibyte)} MiB free on the disk of the data directory`;
  if (freeBytes < leastFreeBytes) return problem(`only ${text}: make room before writes fail`);
  return freeBytes < scarceFreeBytes ? warning(`only ${text}`) : fact(text);
};

const checkPermissions = (dataDir: string): Finding[] => {
  const { mode } = statSync(dataDir);
  if (process.platform === 'win32' || (mode & othersMayEnter) === 0) return [];
  return [warning(`every user of this machine may look into ${dataDir}: chmod 700 ${dataDir}`)];
};

const nearestFolder = (path: string): string => (existsSync(path) ? path : nearestFolder(dirname(path)));

const checkMissing = (dataDir: string): Finding => {
  const parent = nearestFolder(dataDir);
  accessSync(parent, constants.W_OK | constants.X_OK);
  return warning(`there is no data directory ${dataDir} yet: start makes it`);
};

const checkExisting = (dataDir: string): Finding[] => {
  accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  const locked = isDataDirLocked(dataDir);
  return [
    fact(`data directory ${dataDir}`),
    ...checkPermissions(dataDir),
    checkSpace(dataDir),
    fact(locked ? 'a server is running on it: it holds parley.lock' : 'no server is running on it'),
  ];
};

/** The folder itself: is it there, can it be written, who else may look in, is there room, does somebody hold it. */
export const checkDataDir = (dataDir: string): Finding[] => {
  try {
    return existsSync(dataDir) ? checkExisting(dataDir) : [checkMissing(dataDir)];
  } catch (error) {
    if (!isFileError(error)) throw error;
    return [
      problem(
        `this user cannot write to ${dataDir} (${error.code}): mend its owner and permissions, or set PARLEY_DATA_DIR`,
      ),
    ];
  }
};
