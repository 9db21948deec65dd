import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { isFileError } from '../kit/file-error.ts';
import { systemClock } from '../kit/clock.ts';
import type { ExportTrailer } from '../store/transfer/export-file.ts';
import { exportWorkspace } from '../store/transfer/export-workspace.ts';
import { openTables } from '../store/transfer/open-tables.ts';
import { requireDatabase } from './claim-store.ts';
import { type Command, CommandError, exitCodes, UsageError } from './command.ts';
import { readFlags } from './read-flags.ts';
import { requireFolder } from './require-folder.ts';

const readExportFlags = (args: string[]) => {
  const { values, positionals } = readFlags(
    args,
    { workspace: { type: 'string' }, 'with-clients': { type: 'boolean' }, force: { type: 'boolean' } },
    1,
  );
  const [file] = positionals;
  if (file === undefined) throw new UsageError('export needs the name of the file to write');
  if (values.workspace === undefined) throw new UsageError('--workspace is missing: the id of the one to export');
  return {
    path: resolve(file),
    workspaceId: values.workspace,
    clients: values['with-clients'] ?? false,
    replace: values.force ?? false,
  };
};

const exists = (path: string): CommandError =>
  new CommandError(`${path} is there already: name another file, or use --force to replace it`);

/** Gives the finished draft its name, which nobody else took meanwhile. */
const publish = (draft: string, path: string, replace: boolean): void => {
  try {
    if (replace) renameSync(draft, path);
    else linkSync(draft, path);
  } catch (error) {
    if (isFileError(error, 'EEXIST')) throw exists(path);
    throw error;
  }
};

const rowsOf = ({ tables }: ExportTrailer): number => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);

/** Writes a workspace into a file that `import` reads on either database, while the server may be running. */
export const exportCommand: Command = async (args, terminal) => {
  const { path, workspaceId, clients, replace } = readExportFlags(args);
  const config = readConfig(readEnv());
  await requireDatabase(config);
  requireFolder(path);
  if (!replace && existsSync(path)) throw exists(path);
  const draft = `${path}.${process.pid}.part`;
  const tables = openTables(config.store);
  try {
    const trailer = await exportWorkspace(tables, { workspaceId, clients, path: draft, at: systemClock() });
    if (trailer === null) throw new CommandError(`there is no workspace ${workspaceId}`);
    publish(draft, path, replace);
    terminal.note(`wrote ${rowsOf(trailer)} rows of ${Object.keys(trailer.tables).length} tables to ${path}`);
    terminal.note('The file holds every conversation in plain text: keep it as you keep the database.');
    return exitCodes.done;
  } catch (error) {
    if (isFileError(error)) throw new CommandError(`${path} cannot be written (${error.code})`, { cause: error });
    throw error;
  } finally {
    rmSync(draft, { force: true });
    await tables.close();
  }
};
