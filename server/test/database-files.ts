import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which of the pieces, as they are stored, stand anywhere in the files of an SQLite database; `expected` are there at least. */
export const foundInFiles = async <Piece extends string | Buffer>(
  { dataDir }: { dataDir: string },
  pieces: readonly Piece[],
  expected: readonly string[] = ['parley.db'],
): Promise<Piece[]> => {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith('parley.db'));
  const missing = expected.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`);
  const files = await Promise.all(names.map((name) => readFile(join(dataDir, name))));
  return pieces.filter((piece) => files.some((bytes) => bytes.includes(piece)));
};
