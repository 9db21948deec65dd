import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../src/core/store.ts';
import { periodAt } from '../src/core/usage/period.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { acceptTurn, addWorkspace, at } from './store-suite/store-under-test.ts';

/** Two servers take the first messages of a period: one has seen no counter, and the other makes it in the next moment. */

const gate = 4_711;
const period = periodAt(at);
let url: string;
let store: Store;
let other: Client;
let workspaceId: string;

beforeEach(async () => {
  url = await createDatabase();
  store = await openPostgresStore({ url, poolSize: 2, migrate: false });
  workspaceId = await addWorkspace({ store });
  other = new Client({ connectionString: url });
  await other.connect();
});
afterEach(async () => {
  await other.end();
  await store.close();
  await dropDatabase(url);
});

const waiting = async (): Promise<number> => {
  const { rows } = await other.query(
    `select from pg_locks where locktype = 'advisory' and objid = ${gate} and not granted`,
  );
  return rows.length;
};

it.each([{ limit: null }, { limit: 2 }])('is refused by no counter that has room: limit $limit', async ({ limit }) => {
  // a statement sees the counters that were there when it came; the one behind which it is looked why waits at the gate
  await other.query(`
    create sequence changes;
    create function wait_at_gate() returns trigger language plpgsql as $$
      begin
        if nextval('changes') = 2 then perform pg_advisory_xact_lock(${gate}); end if;
        return null;
      end $$;
    create trigger gate before update on quota_periods for each statement execute function wait_at_gate();
    select pg_advisory_lock(${gate})`);
  const quota = {
    periodStart: period.start,
    periodEnd: period.end,
    shares: [{ workspaceId, ownerId: workspaceId, limit, warnAt: null }],
  };
  const accepted = acceptTurn({ store }, workspaceId, { quota });
  await expect.poll(waiting, { interval: 5 }).toBe(1);
  await other.query(`
    insert into quota_periods (workspace_id, owner_id, period_start, period_end, reserved, used)
      values ('${workspaceId}', '${workspaceId}', ${period.start}, ${period.end}, 0, 1)`);
  await other.query(`select pg_advisory_unlock(${gate})`);
  expect(await accepted).toMatchObject({ kind: 'accepted' });
  expect(await store.readers.usage.counter(workspaceId, workspaceId, period.start)).toEqual({ used: 1, reserved: 1 });
});
