import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Material for tests and measurements that lies beside the repository, since it is not ours to ship. */
const folder = resolve(import.meta.dirname, '../../../shared/data');

/** False where it is not there: tests that read it are skipped, and counted as such. */
export const hasSharedData = existsSync(folder);

/** The path of a file or folder in it. */
export const sharedData = (path: string): string => resolve(folder, path);
