import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ValueReader } from './value-reader.ts';
import type { VariableName } from './variables.ts';

/** A file that a variable names, as JSON that nobody has looked into yet. The path is absolute. */
export type JsonFile = Readonly<{ path: string; json: unknown }>;

/** Such a file is a page or two of text. */
const maxCharacters = 1_048_576;

/** Null where the variable is not set, and where the file is no use, which is then noted. */
export const readJsonFile = (read: ValueReader, name: VariableName): JsonFile | null => {
  const given = read.text(name);
  if (given === null) return null;
  const path = resolve(given);
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > maxCharacters) read.wrong(name, `must name a file of at most ${maxCharacters} bytes`);
    else return { path, json: JSON.parse(text) as unknown };
  } catch (error) {
    const reason = error instanceof SyntaxError ? `has a mistake in it: ${error.message}` : 'cannot be read';
    read.wrong(name, `must name a JSON file, and ${path} ${reason}`);
  }
  return null;
};
