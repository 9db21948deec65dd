import { resolve } from 'node:path';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { secretPlace } from '../config/master-secret.ts';
import { isFileError } from '../kit/file-error.ts';
import { backupSqlite, type BackupResult } from '../store/sqlite/backup.ts';
import { type Command, CommandError, exitCodes, UsageError } from './command.ts';
import { requireDatabase } from './data-dir.ts';
import { readFlags } from './read-flags.ts';

const copy = async (from: string, to: string, replace: boolean): Promise<BackupResult> => {
  try {
    return await backupSqlite({ from, to, replace });
  } catch (error) {
    if (!isFileError(error)) throw error;
    throw new CommandError(`${to} cannot be written (${error.code})`, { cause: error });
  }
};

/** Copies the database into one file, whole and checked, while the server may be writing. */
export const backup: Command = async (args, terminal) => {
  const { values, positionals } = readFlags(args, { force: { type: 'boolean' } }, 1);
  const [file] = positionals;
  if (file === undefined) throw new UsageError('backup needs the name of the file to write');
  const config = readConfig(readEnv());
  requireDatabase(config);
  const to = resolve(file);
  if (to === config.store.path) throw new UsageError('the backup cannot replace the database itself');
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
