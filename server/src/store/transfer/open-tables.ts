import type { StorePlace } from '../open-store.ts';
import { openPostgresTables } from '../postgres/tables.ts';
import { openSqliteTables } from '../sqlite/tables.ts';
import type { Tables } from './tables.ts';

export const openTables = (place: StorePlace): Tables =>
  place.kind === 'sqlite' ? openSqliteTables(place.path) : openPostgresTables(place.url);
