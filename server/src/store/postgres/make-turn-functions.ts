import { acceptTurnsFunction } from './accept-turns-sql.ts';
import type { PostgresPool, PostgresQueries, PostgresSession } from './connection.ts';
import { finishTurnsFunction } from './finish-turns-sql.ts';
import { type TurnFunction, versionLength } from './turn-function.ts';

/** What a turn's statements call. They change with the code and not with the schema, so they are no step of the schema. */
export const turnFunctions: readonly TurnFunction[] = [acceptTurnsFunction, finishTurnsFunction];

/** True where this role may call the functions of this version, found as the tables are: by `search_path`. */
export const hasTurnFunctions = async (
  database: PostgresQueries,
  functions: readonly TurnFunction[] = turnFunctions,
): Promise<boolean> => {
  const found = await database.query<{ name: string }>(
    null,
    `select proname as name from pg_proc
      where proname = any ($1) and pg_function_is_visible(oid) and has_function_privilege(oid, 'execute')`,
    [functions.map(({ name }) => name)],
  );
  return found.length === functions.length;
};

/** Held while they are made or noted: of several servers that start at once one makes them. Any number that nobody else uses. */
const makingLock = 0x66_75_6e_63;

/**
 * Makes the functions of this version, and drops those of versions long before it. Which those are is known by the starts of
 * servers, so that also behind a step back, or where servers of both start in any order, those of each are there.
 */
export const makeTurnFunctions = (
  pool: PostgresPool,
  functions: readonly TurnFunction[] = turnFunctions,
): Promise<void> =>
  pool.transaction(async (session) => {
    await session.exec(`select pg_advisory_xact_lock(${makingLock})`);
    if (await hasTurnFunctions(session, functions)) {
      await noteVersion(session, functions);
      return;
    }
    for (const { definition } of functions) await session.run(null, definition, []);
    const versions = await noteVersion(session, functions);
    // until as many are known the fleet's may be any that is there
    if (versions.length === versionsKept) await dropOthers(session, versions.flat());
  });

/** To be called at each start of a server that finds its functions: they are among those that were used last. */
export const noteTurnFunctions = async (
  pool: PostgresPool,
  functions: readonly TurnFunction[] = turnFunctions,
): Promise<void> => {
  const [latest] = await readVersions(pool);
  if (latest && isSame(latest, namesOf(functions))) return;
  await pool.transaction(async (session) => {
    await session.exec(`select pg_advisory_xact_lock(${makingLock})`);
    await noteVersion(session, functions);
  });
};

/** The names of a version's functions. */
type Version = readonly string[];

/**
 * Servers of two versions work side by side while one replaces the other, and some that were tried and withdrawn may have
 * started meanwhile: the fleet's own must not be among those that go. A version's functions take some 20 KB.
 */
const versionsKept = 8;
/** Of the table of settings; its value is a list of versions in JSON, the one that started last first. */
const settingName = 'turn_functions';

const namesOf = (functions: readonly TurnFunction[]): Version => functions.map(({ name }) => name);
const isSame = (one: Version, other: Version): boolean => one.join(' ') === other.join(' ');

const readVersions = async (database: PostgresQueries): Promise<Version[]> => {
  const sql = 'select value from instance_settings where name = $1';
  const [row] = await database.query<{ value: string }>(null, sql, [settingName]);
  return row ? (JSON.parse(row.value) as Version[]) : [];
};

/** Gives the versions that are kept. */
const noteVersion = async (session: PostgresSession, functions: readonly TurnFunction[]): Promise<Version[]> => {
  const own = namesOf(functions);
  const others = (await readVersions(session)).filter((version) => !isSame(version, own));
  const versions = [own, ...others].slice(0, versionsKept);
  await session.run(
    null,
    'insert into instance_settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [settingName, JSON.stringify(versions)],
  );
  return versions;
};

const dropOthers = async (session: PostgresSession, kept: readonly string[]): Promise<void> => {
  const families = turnFunctions.map(({ family }) => `^${family}_[0-9a-f]{${versionLength}}$`).join('|');
  const others = await session.query<{ function: string }>(
    null,
    `select oid::regprocedure::text as function from pg_proc
      where proname ~ $1 and proname <> all ($2) and pg_function_is_visible(oid) and pg_has_role(proowner, 'usage')`,
    [families, kept],
  );
  for (const other of others) await session.exec(`drop function ${other.function}`);
};
