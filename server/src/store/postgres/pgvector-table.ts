import type { PostgresQueries } from './connection.ts';

/**
 * What pgvector searches lies in a table of its own, beside Parley's: it is made where the server has the extension, holds
 * nothing that is not in `vectors`, and may be dropped at any time (while the extension's library is there). Its rows go with those of `vector_codes`.
 */
export const vectorTable = 'vector_neighbours';

/** The names of Parley's indexes on it; others are an administrator's. */
export const ownIndexes = `^${vectorTable}_[0-9a-f]{16}$`;

/** The first version with vectors of half precision. */
const oldestVersion = [0, 7] as const;

/** What its index can hold in half precision; longer vectors are searched in memory. */
export const mostDimensions = 4_000;

/**
 * - `ready`: the table is there, and this role may read and write it;
 * - `possible`: it can be made by this role, `denied`: only by another;
 * - `hidden`: the extension lies in a schema where this role does not look;
 * - `missing`: the server has no extension, or one that is too old.
 */
export type PgvectorState = 'ready' | 'possible' | 'denied' | 'hidden' | 'missing';

/** `version`: of the extension in this database, or else of the one that can be made in it; null where the server has none. */
export type PgvectorFinding = { state: PgvectorState; version: string | null };

type Row = {
  installed: string | null;
  available: string | null;
  /** The extension's types can be named. */
  seen: boolean;
  usable: boolean;
  mayMakeExtension: boolean;
  mayMakeTable: boolean;
};

/** A table without its column is what is left where somebody has dropped the extension with all that hangs on it. */
const usable = `to_regtype('halfvec') is not null
    and exists (select 1 from pg_attribute
      where attrelid = to_regclass('${vectorTable}') and attname = 'embedding' and not attisdropped)
    and coalesce(has_table_privilege(to_regclass('${vectorTable}'), 'SELECT')
      and has_table_privilege(to_regclass('${vectorTable}'), 'INSERT'), false)`;

/** One row where the table is there and this role may read and write it, and none otherwise. */
export const usableTable = `select 1 where ${usable}`;

const look = `
  select (select extversion from pg_extension where extname = 'vector') as installed,
    (select default_version from pg_available_extensions where name = 'vector') as available,
    to_regtype('halfvec') is not null as seen,
    ${usable} as usable,
    coalesce((select bool_or(is_super.rolsuper or not version.superuser
        or (version.trusted and has_database_privilege(current_database(), 'CREATE')))
      from pg_available_extension_versions as version
      join pg_available_extensions as extension
        on extension.name = version.name and extension.default_version = version.version
      cross join (select rolsuper from pg_roles where rolname = current_user) as is_super
      where version.name = 'vector'), false) as "mayMakeExtension",
    has_schema_privilege(current_schema(), 'CREATE')
      and pg_has_role((select relowner from pg_class where oid = to_regclass('vector_codes')), 'USAGE') as "mayMakeTable"`;

export const findPgvector = async (database: PostgresQueries): Promise<PgvectorFinding> => {
  const [row] = await database.query<Row>(null, look, []);
  const version = row?.installed ?? row?.available ?? null;
  return { state: row === undefined || version === null ? 'missing' : stateOf(row, version), version };
};

const stateOf = (row: Row, version: string): PgvectorState => {
  if (isOlder(version)) return 'missing';
  if (row.installed !== null && !row.seen) return 'hidden';
  if (row.usable) return 'ready';
  return row.mayMakeTable && (row.installed !== null || row.mayMakeExtension) ? 'possible' : 'denied';
};

const isOlder = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]);
};

/**
 * Half precision, as two bytes a dimension find the same neighbours, and what comes of it is compared exactly. Beside its
 * key in the row, and not apart as PostgreSQL would have it, since a search reads all of a bot's.
 */
const statements = [
  'create extension if not exists vector',
  `drop table if exists ${vectorTable}`,
  `create table ${vectorTable} (
    workspace_id text collate "C" not null,
    bot_id text collate "C" not null,
    model text collate "C" not null,
    content_hash text collate "C" not null,
    embedding halfvec not null,
    primary key (workspace_id, bot_id, model, content_hash),
    foreign key (workspace_id, bot_id, model, content_hash) references vector_codes on delete cascade
  )`,
  `alter table ${vectorTable} alter column embedding set storage main`,
  // an index is led through what was removed until that is cleaned up, and a bot is a small part of the table
  `alter table ${vectorTable} set (autovacuum_vacuum_scale_factor = 0.02)`,
];

/** Any number that nobody else uses: "pgve" in ASCII. */
const setUpLock = 0x70_67_76_65;

/** Makes the extension and the table where they are not there; of several processes one does, and the others wait for it. */
export const createPgvectorTable = (database: {
  transaction<Result>(work: (session: PostgresQueries) => Promise<Result>): Promise<Result>;
}): Promise<void> =>
  database.transaction(async (session) => {
    await session.query(null, `select pg_advisory_xact_lock(${setUpLock})`, []);
    if ((await findPgvector(session)).state === 'ready') return;
    for (const statement of statements) await session.run(null, statement, []);
  });
