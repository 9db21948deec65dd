import { existsSync } from 'node:fs';
import type { StoreInspection } from './inspection.ts';
import type { StorePlace } from './open-store.ts';
import { inspectPostgres } from './postgres/inspect.ts';
import { inspectSqlite } from './sqlite/inspect.ts';

/** Null where Parley has never been at work: no file, or a database without its tables. */
export const inspectStore = async (place: StorePlace): Promise<StoreInspection | null> => {
  if (place.kind === 'sqlite') return existsSync(place.path) ? inspectSqlite(place.path) : null;
  const inspection = await inspectPostgres(place.url);
  return inspection.empty ? null : inspection;
};
