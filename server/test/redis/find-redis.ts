import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** The path of `redis-server`; null where it is not installed. */
export const findRedis = (): string | null =>
  folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path)) ?? null;
