import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which of the pieces, as they are stored, stand anywhere in the files of an SQLite database. */
export const foundInFiles = async <Piece extends string | Buffer>(
  { dataDir }: { dataDir: string },
  pieces: readonly Piece[],
): Promise<Piece[]> => {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith('parley.db'));
  if (!names.includes('parley.db')) throw new Error('there is no database');
  const files = await Promise.all(names.map((name) => readFile(join(dataDir, name))));
  return pieces.filter((piece) => files.some((bytes) => bytes.includes(piece)));
};
