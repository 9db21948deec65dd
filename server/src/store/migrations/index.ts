import type { Migration } from './migration.ts';
import { foundation } from './0001-foundation.ts';

/** In the order of their application; only ever added to. */
export const migrations: readonly Migration[] = [foundation];
