import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostgresPool, type PostgresSession } from '../src/store/postgres/connection.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';

let url: string;
let pool: PostgresPool;

beforeEach(async () => {
  url = await createDatabase();
  await runSql(url, 'create table counters (name text primary key, value bigint not null)');
  await runSql(url, "insert into counters values ('a', 0), ('b', 0)");
  pool = new PostgresPool({ url, size: 6 });
});
afterEach(async () => {
  await pool.close();
  await dropDatabase(url);
});

const valueOf = async (name: string): Promise<number | undefined> =>
  (await pool.query<{ value: number }>('value', 'select value from counters where name = $1', [name]))[0]?.value;

const endConnections = () =>
  runSql(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  );

/** Resolves once `count` transactions have come so far. */
const meeting = (count: number): (() => Promise<void>) => {
  const met = Promise.withResolvers<void>();
  let here = 0;
  return () => {
    here += 1;
    if (here >= count) met.resolve();
    return met.promise;
  };
};

it('gives bigint, sums and counts as numbers', async () => {
  await pool.run(null, "update counters set value = 1763800000000 where name = 'a'", []);
  const [row] = await pool.query(
    null,
    'select sum(value) as sum, count(*) as count, max(value) as max from counters',
    [],
  );
  expect(row).toEqual({ sum: 1_763_800_000_000, count: 2, max: 1_763_800_000_000 });
  expect(await pool.list(null, 'select value, name from counters order by name desc', [])).toEqual([
    [0, 'b'],
    [1_763_800_000_000, 'a'],
  ]);
});

it('finds nothing under a name with NUL in it, which no text can hold', async () => {
  expect(await valueOf('a\0')).toBeUndefined();
});

it('undoes a transaction whose work throws, and gives the error as it is', async () => {
  const failure = new Error('changed my mind');
  const work = pool.transaction(async (session) => {
    await session.run(null, "update counters set value = 7 where name = 'a'", []);
    throw failure;
  });
  await expect(work).rejects.toBe(failure);
  expect(await valueOf('a')).toBe(0);
});

it('throws a violated constraint as the driver gives it', async () => {
  await expect(pool.run(null, "insert into counters values ('a', 1)", [])).rejects.toMatchObject({ code: '23505' });
});

it('runs a transaction again that PostgreSQL ended in a deadlock', async () => {
  const both = meeting(2);
  let runs = 0;
  const raise = (first: string, second: string) =>
    pool.transaction(async (session) => {
      runs += 1;
      await session.run(null, 'update counters set value = value + 1 where name = $1', [first]);
      await both();
      await session.run(null, 'update counters set value = value + 1 where name = $1', [second]);
    });
  await Promise.all([raise('a', 'b'), raise('b', 'a')]);
  expect(runs).toBe(3);
  expect([await valueOf('a'), await valueOf('b')]).toEqual([2, 2]);
});

describe('a serial transaction', () => {
  it('decides on what it read as if no other ran beside it', async () => {
    const both = meeting(2);
    const addIfBelowOne = () =>
      pool.transaction(
        async (session) => {
          const [row] = await session.query<{ count: number }>(
            null,
            "select count(*) as count from counters where name like 'new%'",
            [],
          );
          await both();
          if ((row?.count ?? 0) >= 1) return false;
          await session.run(null, 'insert into counters values ($1, 0)', [`new-${Math.random()}`]);
          return true;
        },
        { isolation: 'serial' },
      );
    const added = await Promise.all([addIfBelowOne(), addIfBelowOne()]);
    expect(added.filter(Boolean)).toHaveLength(1);
  });

  it('gets through although the row it changes is changed by others all the time', async () => {
    const stopping = new AbortController();
    const raiseAllTheTime = async () => {
      while (!stopping.signal.aborted)
        await pool.run('raise', "update counters set value = value + 1 where name = 'a'", []);
    };
    const others = [raiseAllTheTime(), raiseAllTheTime()];
    for (let round = 0; round < 5; round++) {
      await pool.transaction(
        async (session) => {
          await session.query(null, 'select 1 from counters', []);
          await new Promise((resolve) => {
            setTimeout(resolve, 10);
          });
          await session.run(null, "update counters set value = value + 1 where name = 'a'", []);
          await session.run(null, "update counters set value = value + 1 where name = 'b'", []);
        },
        { isolation: 'serial' },
      );
    }
    stopping.abort();
    await Promise.all(others);
    expect(await valueOf('b')).toBe(5);
  });

  it('sees what one that runs alone wrote, for which it had to wait', async () => {
    const options = { isolation: 'serial' } as const;
    const find = (session: PostgresSession) => session.query(null, "select 1 from counters where name = 'new'", []);
    const somebodyWaits = () =>
      expect.poll(() => runSql(url, "select 1 from pg_stat_activity where wait_event_type = 'Lock'")).toHaveLength(1);
    let tries = 0;
    let other: Promise<unknown[]> | undefined;
    await pool.transaction(async (session) => {
      tries += 1;
      await find(session);
      if (tries <= 3) {
        await pool.run(null, "update counters set value = value + 1 where name = 'a'", []);
      } else {
        other = pool.transaction(find, options);
        await somebodyWaits();
        await session.run(null, "insert into counters values ('new', 0)", []);
      }
      await session.run(null, "update counters set value = value + 1 where name = 'a'", []);
    }, options);
    expect(tries).toBe(4);
    expect(await other).toHaveLength(1);
  });

  it('waits for its turn for longer than for a row', async () => {
    const held = Promise.withResolvers<void>();
    const holding = pool.transaction(async (session) => {
      await session.exec('lock table kysely_migration_lock in exclusive mode');
      held.resolve();
      await session.query(null, 'select pg_sleep(6)', []);
    });
    await held.promise;
    const waited = await pool.transaction((session) => session.query(null, 'show lock_timeout', []), {
      isolation: 'serial',
    });
    expect(waited).toEqual([{ lock_timeout: '5s' }]);
    await holding;
  });

  it('runs alone before it is refused, where its tries beside others took up all the time', async () => {
    let tries = 0;
    await pool.transaction(
      async (session) => {
        tries += 1;
        await session.query(null, 'select sum(value) from counters', []);
        await pool.run('raise', "update counters set value = value + 1 where name = 'a'", []);
        // two of these are longer than conflicts are met with patience
        await session.query(null, 'select pg_sleep(1.2)', []);
        await session.run(null, "update counters set value = value + 10 where name = 'a'", []);
      },
      { isolation: 'serial' },
    );
    expect([tries, await valueOf('a')]).toEqual([3, 13]);
  });

  it('that waited too long for its turn leaves a connection that others can use', async () => {
    const hasty = new PostgresPool({ url, size: 1, statementTimeoutMs: 300 });
    await pool.transaction(async (session) => {
      // as one that met others too often, and so runs alone
      await session.query(null, 'select pg_advisory_xact_lock($1)', [0x70_61_72_6c]);
      await expect(hasty.transaction(() => Promise.resolve(), { isolation: 'serial' })).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      expect(await hasty.query(null, 'select 1 as one', [])).toEqual([{ one: 1 }]);
    });
    expect(await hasty.transaction(() => Promise.resolve('done'), { isolation: 'serial' })).toBe('done');
    await hasty.close();
  });
});

describe('when connections are ended', () => {
  it('idle ones are replaced, unnoticed by who asks next', async () => {
    await Promise.all([valueOf('a'), valueOf('b')]);
    await endConnections();
    // they end a moment after they were told to
    await expect.poll(() => pool.load.open).toBe(0);
    expect(await Promise.all([valueOf('a'), valueOf('b')])).toEqual([0, 0]);
  });

  it('a transaction that had not come to its commit runs again', async () => {
    let runs = 0;
    await pool.transaction(async (session) => {
      runs += 1;
      await session.run(null, "update counters set value = value + 1 where name = 'a'", []);
      if (runs === 1) await endConnections();
      await session.run(null, "update counters set value = value + 1 where name = 'b'", []);
    });
    expect(runs).toBe(2);
    expect([await valueOf('a'), await valueOf('b')]).toEqual([1, 1]);
  });

  it('a statement that changes something is not sent twice', async () => {
    const change = pool.run(null, "update counters set value = value + 1 from pg_sleep(30) where name = 'a'", []);
    const failed = change.catch((error: unknown) => error);
    await expect
      .poll(() =>
        runSql(url, "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"),
      )
      .toHaveLength(1);
    await endConnections();
    expect(await failed).toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 2 });
    expect(await valueOf('a')).toBe(0);
  });

  it('a read is asked again', async () => {
    // sleeps only as long as nobody has raised the counter
    const sleepy =
      "select 1 as one from pg_sleep((select case when value = 0 then 30 else 0 end from counters where name = 'a'))";
    const read = pool.withSession((session) => session.query(null, sleepy, []), { repeatable: true });
    await expect
      .poll(() =>
        runSql(url, "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"),
      )
      .toHaveLength(1);
    await runSql(url, "update counters set value = 1 where name = 'a'");
    await endConnections();
    expect(await read).toEqual([{ one: 1 }]);
  });
});

it('refuses what waits too long for a lock, and leaves the holder alone', async () => {
  const hasty = new PostgresPool({ url, size: 2, statementTimeoutMs: 300 });
  const raise = "update counters set value = value + 1 where name = 'a'";
  await pool.transaction(async (session) => {
    await session.run(null, raise, []);
    await expect(hasty.run(null, raise, [])).rejects.toMatchObject({
      code: 'storage_unavailable',
      detail: 'The database took too long; nothing was changed.',
    });
  });
  await hasty.close();
  expect(await valueOf('a')).toBe(1);
});

it('says that the database cannot be reached where nobody listens', async () => {
  const { hostname } = new URL(url);
  const nowhere = new PostgresPool({ url: `postgres://parley@${hostname}:1/parley`, size: 1 });
  await expect(nowhere.query(null, 'select 1', [])).rejects.toMatchObject({
    code: 'storage_unavailable',
    detail: 'The database cannot be reached right now; nothing was changed.',
  });
  await nowhere.close();
});

it('refuses everything once it is closed', async () => {
  await pool.close();
  await expect(valueOf('a')).rejects.toMatchObject({ code: 'storage_unavailable', detail: 'The store is closing.' });
});
