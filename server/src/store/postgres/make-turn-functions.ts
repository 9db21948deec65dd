import { acceptTurnsFunction } from './accept-turns-sql.ts';
import type { PostgresPool, PostgresQueries } from './connection.ts';
import { finishTurnsFunction } from './finish-turns-sql.ts';

/** What a turn's statements call. They change with the code and not with the schema, so they are no step of the schema. */
export const turnFunctions = [acceptTurnsFunction, finishTurnsFunction] as const;

/** True where this role may call the functions of this version, found as the tables are: by `search_path`. */
export const hasTurnFunctions = async (database: PostgresQueries): Promise<boolean> => {
  const found = await database.query<{ name: string }>(
    null,
    `select proname as name from pg_proc
      where proname = any ($1) and pg_function_is_visible(oid) and has_function_privilege(oid, 'execute')`,
    [turnFunctions.map(({ name }) => name)],
  );
  return found.length === turnFunctions.length;
};

/** Held while they are made: of several servers that start at once one makes them. Any number that nobody else uses. */
const makingLock = 0x66_75_6e_63;

/** Those of other versions stay, for servers that still run them. */
export const makeTurnFunctions = (pool: PostgresPool): Promise<void> =>
  pool.transaction(async (session) => {
    await session.exec(`select pg_advisory_xact_lock(${makingLock})`);
    if (await hasTurnFunctions(session)) return;
    for (const { definition } of turnFunctions) await session.run(null, definition, []);
  });
