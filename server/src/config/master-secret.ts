import { randomBytes } from 'node:crypto';
import {
  linkSync,
  lstatSync,
  openSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isFileError } from '../kit/file-error.ts';
import type { SecretSource } from './config.ts';
import { ConfigError } from './config-error.ts';
import { weaknessOf } from './weak-secret.ts';

export type MasterSecret = {
  value: string;
  /** True where this call made it. */
  created: boolean;
  warnings: string[];
};

const generatedBytes = 32;
/** A secret is a line; whatever is longer is another file. */
const maxSecretBytes = 4_096;
const othersMayRead = 0o077;

/** Where the operator should look for it. */
export const secretPlace = (source: SecretSource): string =>
  source.kind === 'given' ? 'the variable PARLEY_SECRET' : source.path;

/** What to do where there is a database and not the secret that it was made under. */
export const missingSecret = (source: SecretSource): string =>
  `the secret that belongs to the database is not at ${secretPlace(source)}: bring it back`;

/** Where the secret that is being replaced lies beside its successor. */
export const previousSecretPath = (path: string): string => `${path}.previous`;

/** Where the operator should look for the secret that is being replaced. */
export const previousSecretPlace = (source: SecretSource): string =>
  source.kind === 'given' || source.previous !== null
    ? 'the variable PARLEY_SECRET_PREVIOUS'
    : previousSecretPath(source.path);

const checked = (source: SecretSource, value: string): string => {
  const weakness = weaknessOf(value);
  if (weakness === null) return value;
  const advice = 'make one with: openssl rand -base64 48';
  throw new ConfigError([
    source.kind === 'given' ? `PARLEY_SECRET ${weakness}; ${advice}` : `the secret in ${source.path} ${weakness}`,
  ]);
};

const readSecretFile = (path: string): { value: string; warnings: string[] } | null => {
  try {
    const { mode, size } = lstatSync(path);
    if (size > maxSecretBytes) throw new ConfigError([`${path} is no secret of Parley's: it has ${size} bytes`]);
    const value = readFileSync(path, 'utf8').trim();
    const open = process.platform !== 'win32' && (mode & othersMayRead) !== 0;
    return { value, warnings: open ? [`${path} can be read by others: chmod 600 ${path}`] : [] };
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return null;
    if (isFileError(error)) throw new ConfigError([`${path} cannot be read (${error.code})`]);
    throw error;
  }
};

/** Flushes a folder's entries, so that a new file outlives a power cut. */
const flushFolder = (path: string): void => {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

/**
 * Makes the file whole or not at all: written and flushed under another name, then linked, which fails where somebody
 * else was first. False in that case.
 */
const createSecretFile = (path: string, value: string): boolean => {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${value}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isFileError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(draft);
    flushFolder(dirname(path));
  }
};

/**
 * The master secret as it was given, or from its file; null where the file is not there yet and `create` is false. With
 * `create` it is made once, of 256 random bits.
 */
export const readMasterSecret = (source: SecretSource, options: { create: boolean }): MasterSecret | null => {
  if (source.kind === 'given') return { value: checked(source, source.value), created: false, warnings: [] };
  const found = readSecretFile(source.path);
  if (found) return { value: checked(source, found.value), created: false, warnings: found.warnings };
  if (!options.create) return null;
  mkdirSync(dirname(source.path), { recursive: true, mode: 0o700 });
  const value = randomBytes(generatedBytes).toString('base64url');
  if (createSecretFile(source.path, value)) return { value, created: true, warnings: [] };
  return readMasterSecret(source, { create: false });
};

/** The master secret that is being replaced: the variable, or the file beside the current one; null where there is none. */
export const readPreviousSecret = (source: SecretSource): { value: string; warnings: string[] } | null => {
  if (source.previous !== null) return { value: source.previous, warnings: [] };
  return source.kind === 'file' ? readSecretFile(previousSecretPath(source.path)) : null;
};

/**
 * Puts a new master secret of 256 random bits in the place of the one in the file, which stays beside it. Throws
 * ConfigError where an earlier one is still there. A crash leaves the old secret in force, or the new one with the old
 * one beside it; never neither.
 */
export const replaceSecretFile = (path: string): void => {
  const current = readSecretFile(path);
  if (current === null) throw new ConfigError([`there is no secret at ${path}`]);
  const previousPath = previousSecretPath(path);
  const previous = readSecretFile(previousPath);
  // the same in both places: an earlier call came no further
  if (previous !== null && previous.value !== current.value) {
    throw new ConfigError([
      `${previousPath} is still there: finish that rotation first, and remove the file once doctor says so`,
    ]);
  }
  if (previous === null) createSecretFile(previousPath, current.value);
  const draft = `${path}.next`;
  rmSync(draft, { force: true });
  createSecretFile(draft, randomBytes(generatedBytes).toString('base64url'));
  renameSync(draft, path);
  flushFolder(dirname(path));
};
