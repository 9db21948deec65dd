import { nextFingerprintName, secretFingerprintName } from '../../core/installation/installation-settings.ts';
import type { StoreInspection } from '../inspection.ts';
import { migrations } from '../migrations/index.ts';
import { clockWorry, type PostgresSettings, readSettings, unusable, worrying } from './assert-usable.ts';
import { PostgresPool, type PostgresQueries } from './connection.ts';
import { hasTurnFunctions } from './make-turn-functions.ts';
import { findPgvector, type PgvectorFinding } from './pgvector-table.ts';

export type PostgresInspection = StoreInspection & {
  version: string;
  /** Why Parley cannot work on it, and what an operator should know nevertheless; null where there is nothing. */
  unusable: string | null;
  worrying: string | null;
  clockWorry: string | null;
  /** True where Parley was never started or migrated on it. */
  empty: boolean;
  /** Of the server's extension; `version` is null where it has none. */
  pgvector: PgvectorFinding;
  /** Of all databases of the server. */
  connections: number;
  maxConnections: number;
  /** The median of a few round trips. */
  latencyMs: number;
};

/** Round trips that are measured: odd, so that one is in the middle. */
const roundTrips = 5;
const applicationName = 'parley inspection';
/** What is called a step where the schema is of this version, and its functions are not there. */
const functionsStep = 'turn-functions';

/** Throws storage_unavailable where the server cannot be reached or lets nobody in. */
export const inspectPostgres = async (url: string): Promise<PostgresInspection> => {
  const pool = new PostgresPool({ url, size: 1, applicationName });
  try {
    return await inspect(pool, await readSettings(pool));
  } finally {
    await pool.close();
  }
};

const inspect = async (database: PostgresQueries, settings: PostgresSettings): Promise<PostgresInspection> => {
  const known = migrations.map((migration) => migration.name);
  const empty = !(await tableExists(database, 'kysely_migration'));
  const applied = empty
    ? []
    : (await database.query<{ name: string }>(null, 'select name from kysely_migration order by name', [])).map(
        ({ name }) => name,
      );
  const stored = (await tableExists(database, 'instance_settings'))
    ? await database.query<{ name: string; value: string }>(
        null,
        'select name, value from instance_settings where name in ($1, $2)',
        [secretFingerprintName, nextFingerprintName],
      )
    : [];
  const pending = known.filter((name) => !applied.includes(name));
  if (pending.length === 0 && !(await hasTurnFunctions(database))) pending.push(functionsStep);
  const valueOf = (name: string): string | null => stored.find((setting) => setting.name === name)?.value ?? null;
  return {
    version: settings.version,
    unusable: unusable(settings),
    worrying: worrying(settings),
    clockWorry: clockWorry(settings),
    empty,
    pgvector: await findPgvector(database),
    ...(await readLoad(database)),
    latencyMs: await measureLatency(database),
    pendingMigrations: pending,
    unknownMigrations: applied.filter((name) => !known.includes(name)),
    secretFingerprint: valueOf(secretFingerprintName),
    nextSecretFingerprint: valueOf(nextFingerprintName),
  };
};

const tableExists = async (database: PostgresQueries, name: string): Promise<boolean> =>
  (await database.query(null, 'select 1 where to_regclass($1) is not null', [name])).length > 0;

type Load = { connections: number; maxConnections: number; sizeBytes: number };

const readLoad = async (database: PostgresQueries): Promise<Load> => {
  const [row] = await database.query<Load>(
    null,
    `select (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
      current_setting('max_connections')::integer as "maxConnections",
      pg_database_size(current_database()) as "sizeBytes"`,
    [],
  );
  if (!row) throw new Error('PostgreSQL does not tell of its connections');
  return row;
};

const measureLatency = async (database: PostgresQueries): Promise<number> => {
  const times: number[] = [];
  for (let trip = 0; trip < roundTrips; trip++) {
    const start = performance.now();
    await database.query(null, 'select 1', []);
    times.push(performance.now() - start);
  }
  return times.toSorted((one, other) => one - other)[(roundTrips - 1) / 2] ?? 0;
};
