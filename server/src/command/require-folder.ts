import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFileError } from '../kit/file-error.ts';
import { CommandError } from './command.ts';

/** True for a folder, false for anything else; null where there is nothing. */
const isFolder = (path: string): boolean | null => {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    // a file on the way to it is no folder either
    if (isFileError(error, 'ENOENT') || isFileError(error, 'ENOTDIR')) return null;
    if (isFileError(error)) throw new CommandError(`${path} cannot be read (${error.code})`, { cause: error });
    throw error;
  }
};

/** Refuses to write a file where there is no folder for it, before anything is done for it. */
export const requireFolder = (file: string): void => {
  const folder = dirname(file);
  const found = isFolder(folder);
  if (found === null) throw new CommandError(`there is no folder ${folder}: make it first, or name another`);
  if (!found) throw new CommandError(`${folder} is no folder: name another`);
};
