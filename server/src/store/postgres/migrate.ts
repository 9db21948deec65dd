import { Kysely } from 'kysely';
import { ParleyError } from '../../core/error.ts';
import { migrate } from '../migrate.ts';
import { migrations } from '../migrations/index.ts';
import type { Migration } from '../migrations/migration.ts';
import { readSettings, unusable } from './assert-usable.ts';
import { PostgresPool, type PostgresQueries } from './connection.ts';
import { postgresDialect } from './dialect.ts';
import { postgresCode } from './failure.ts';
import { givingWay } from './give-way.ts';
import { kyselyDialect } from './kysely-driver.ts';
import { hasTurnFunctions, makeTurnFunctions } from './make-turn-functions.ts';

/** True where every step of this version, and no other, was taken: what a start finds nearly always. */
export const isMigrated = async (database: PostgresQueries): Promise<boolean> => {
  const tables = await database.query(null, "select 1 where to_regclass('kysely_migration') is not null", []);
  if (tables.length === 0) return false;
  const taken = await database.query<{ name: string }>(null, 'select name from kysely_migration', []);
  const names = new Set(taken.map(({ name }) => name));
  if (names.size !== migrations.length || !migrations.every(({ name }) => names.has(name))) return false;
  return hasTurnFunctions(database);
};

/**
 * Brings the schema up to date. Kysely's migrator holds an advisory lock meanwhile: of several processes that start at
 * once one migrates, and the others wait for it. Servers may work on the tables meanwhile, and have precedence. Gives the
 * names of the steps that were taken. Throws storage_unavailable where others hold a table for too long, or where this role
 * may not change it. `steps`: those of another version; `tries`: how often it gives way.
 */
export const migratePostgres = async (
  url: string,
  { steps, tries }: { steps?: readonly Migration[]; tries?: number } = {},
): Promise<string[]> => {
  const pool = new PostgresPool({ url, size: 1, statementTimeoutMs: 0, applicationName: 'parley migration' });
  try {
    const reason = unusable(await readSettings(pool));
    if (reason !== null) throw new Error(reason);
    const taken = await pool.withSession((session) =>
      givingWay(() => migrate(new Kysely({ dialect: kyselyDialect({ session }) }), postgresDialect, steps), tries),
    );
    await makeTurnFunctions(pool);
    return taken;
  } catch (error) {
    throw postgresCode(error) === insufficientPrivilege ? notAllowed(error) : error;
  } finally {
    await pool.close();
  }
};

/** A SQLSTATE. */
const insufficientPrivilege = '42501';

/** Servers may work under a role that changes no schema; then each new version needs one that does. */
const notAllowed = (cause: unknown): ParleyError =>
  new ParleyError(
    'storage_unavailable',
    `The database is to be brought up to date, and its role in DATABASE_URL may not do that (${cause instanceof Error ? cause.message : 'permission denied'}): run migrate once with the role that owns the tables.`,
    { cause },
  );
