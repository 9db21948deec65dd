import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { secretPlace } from '../config/master-secret.ts';
import { isFileError } from '../kit/file-error.ts';
import { backupSqlite, type BackupResult } from '../store/sqlite/backup.ts';
import { requireDatabase } from './claim-store.ts';
import { type Command, CommandError, exitCodes, UsageError } from './command.ts';
import { readFlags } from './read-flags.ts';
import { requireFolder } from './require-folder.ts';

const copy = async (from: string, to: string, replace: boolean): Promise<BackupResult> => {
  try {
    return await backupSqlite({ from, to, replace });
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(`${to} cannot be written (${error.code})`, { cause: error });
  }
};

/** The path without the links on its way, as far as it exists. */
const realPath = (path: string): string => {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return folder === path ? path : join(realPath(folder), basename(path));
};

/** True where a file of this name would lie in the folder, also by way of a link. */
const isInside = (path: string, folder: string): boolean => {
  const way = relative(realPath(folder), realPath(path));
  return way === '' || !(way.startsWith('..') || isAbsolute(way));
};

/** Copies the database into one file, whole and checked, while the server may be writing. */
export const backup: Command = async (args, terminal) => {
  const { values, positionals } = readFlags(args, { force: { type: 'boolean' } }, 1);
  const [file] = positionals;
  if (file === undefined) throw new UsageError('backup needs the name of the file to write');
  const config = readConfig(readEnv());
  if (config.store.kind === 'postgres') {
    throw new CommandError('the data lies in PostgreSQL: back it up with pg_dump, see docs/operations.md');
  }
  await requireDatabase(config);
  const to = resolve(file);
  if (isInside(to, config.dataDir)) {
    throw new UsageError(`the backup must be written outside the data directory ${config.dataDir}`);
  }
  requireFolder(to);
  const result = await copy(config.store.path, to, values.force ?? false);
  switch (result.kind) {
    case 'exists':
      throw new CommandError(`${to} is there already: name another file, or use --force to replace it`);
    case 'damaged':
      throw new CommandError(`the database is damaged, so no backup was kept:\n${result.faults.join('\n')}`);
    case 'done':
      terminal.note(`wrote ${to}`);
      terminal.note(
        `The copy is of no use without the secret in ${secretPlace(config.secret)}: keep that too, in another place.`,
      );
      return exitCodes.done;
  }
};
