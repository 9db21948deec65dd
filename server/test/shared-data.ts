import { resolve } from 'node:path';

/** Material for tests and measurements that lies beside the repository, since it is not ours to ship. */
const folder = resolve(import.meta.dirname, '../../../shared/data');

/** The path of a file or folder in it. */
export const sharedData = (path: string): string => resolve(folder, path);
