import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Debian's place for one folder a version. */
const debianRoot = '/usr/lib/postgresql';
/** Where others put the programs. */
const folders = ['/usr/local/pgsql/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'];

/** The folder with `initdb` and `postgres`: the newest of Debian's, or another usual one; null where there is none. */
export const findBinaries = (): string | null => {
  const versions = existsSync(debianRoot)
    ? readdirSync(debianRoot).toSorted((one, two) => Number(two) - Number(one))
    : [];
  const candidates = [...versions.map((version) => join(debianRoot, version, 'bin')), ...folders];
  return (
    candidates.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null
  );
};
