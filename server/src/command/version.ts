import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, exitCodes } from './command.ts';
import { readFlags } from './read-flags.ts';

/** As it stands in the server's package.json. */
export const readVersion = (): string => {
  const path = join(import.meta.dirname, '../../package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
};

export const version: Command = (args, terminal) => {
  readFlags(args, {});
  terminal.answer(readVersion());
  return Promise.resolve(exitCodes.done);
};
