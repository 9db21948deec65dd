import { Kysely } from 'kysely';
import type { Backlog } from '../core/operations/backlog.ts';
import { systemClock } from '../kit/clock.ts';
import { backlogSql } from './backlog-sql.ts';
import type { StorePlace } from './open-store.ts';
import { PostgresPool } from './postgres/connection.ts';
import { kyselyDialect as postgresKysely } from './postgres/kysely-driver.ts';
import { postgresLeaseClock } from './postgres/lease-clock.ts';
import type { Schema } from './schema.ts';
import { SqliteConnection } from './sqlite/connection.ts';
import { kyselyDialect as sqliteKysely } from './sqlite/kysely-driver.ts';
import { sqliteLeaseClock } from './sqlite/lease-clock.ts';

/** What a database has left to do, from outside and without changing it; its schema must be of this version. */
export const inspectBacklog = async (place: StorePlace): Promise<Backlog> => {
  if (place.kind === 'sqlite') {
    const connection = new SqliteConnection(place.path, { readOnly: true });
    try {
      const db = new Kysely<Schema>({ dialect: sqliteKysely({ committed: () => connection }) });
      return await backlogSql(db, { leases: sqliteLeaseClock(systemClock), clock: systemClock }).read();
    } finally {
      connection.close();
    }
  }
  const pool = new PostgresPool({ url: place.url, size: 1, applicationName: 'parley inspection' });
  try {
    const db = new Kysely<Schema>({ dialect: postgresKysely({ pool }) });
    return await backlogSql(db, { leases: postgresLeaseClock(systemClock), clock: systemClock }).read();
  } finally {
    await pool.close();
  }
};
