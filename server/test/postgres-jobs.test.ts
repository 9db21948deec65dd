import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Job, NewJob } from '../src/core/job/job-store.ts';
import type { Store } from '../src/core/store.ts';
import { openPostgresStore } from '../src/store/postgres/database.ts';
import { createDatabase, dropDatabase } from './postgres/database.ts';
import { runSql } from './postgres/run-sql.ts';

/** What becomes of a job whose row, or whose key, somebody else holds at the moment when it is put back or claimed. */

const newJob: NewJob = { workspaceId: null, kind: 'prune-expired', payload: {}, dedupeKey: 'k' };

let url: string;
let store: Store;
let other: Client;
let job: Job;

beforeEach(async () => {
  url = await createDatabase();
  store = await openPostgresStore({ url, poolSize: 4, migrate: false });
  other = new Client({ connectionString: url });
  await other.connect();
  await store.transact(({ jobs }) => jobs.enqueue(newJob));
  const claimed = await store.jobs.claim('node_a', -1);
  if (!claimed) throw new Error('there is no job');
  job = claimed;
});
afterEach(async () => {
  await other.end();
  await store.close();
  await dropDatabase(url);
});

/** Resolves once a statement of the store waits for a lock. */
const untilHeldUp = () =>
  expect
    .poll(() =>
      runSql(
        url,
        "select pid from pg_stat_activity where datname = current_database() and application_name = 'parley' and wait_event_type = 'Lock'",
      ),
    )
    .toHaveLength(1);

const endWhoWaits = () =>
  runSql(
    url,
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );

const addTwinUncommitted = async (): Promise<void> => {
  await other.query('begin');
  await other.query(
    `insert into jobs (id, workspace_id, kind, payload, status, dedupe_key, run_at, fence, attempts, created_at)
      values ('twin', null, 'prune-expired', '{}', 'waiting', 'k', 0, 0, 0, 0)`,
  );
};

const rows = () => runSql(url, 'select id, status, dedupe_key, attempts from jobs order by dedupe_key, id');

for (const [name, putBack] of [
  ['gives itself back', () => store.jobs.resume(job, 0)],
  ['has failed', () => store.jobs.fail(job, 'no luck', 0)],
  ['is released', () => store.jobs.release(job)],
] as const) {
  it(`a job that ${name} is not lost, nor its key, where the connection breaks meanwhile`, async () => {
    await other.query('begin');
    await other.query('select id from jobs for update');
    const result = putBack().catch((error: unknown) => error);
    await untilHeldUp();
    await endWhoWaits();
    await other.query('rollback');
    expect(await result).toMatchObject({ code: 'storage_unavailable' });
    expect(await rows()).toEqual([{ id: job.id, status: 'running', dedupe_key: 'k', attempts: 1 }]);
    expect(await store.jobs.claim('node_b', 60_000)).toMatchObject({ id: job.id, attempts: 2 });
  });
}

it('a job that gives itself back leaves the rest to one that is added that moment', async () => {
  await addTwinUncommitted();
  const result = store.jobs.resume(job, 0);
  await untilHeldUp();
  await other.query('commit');
  await result;
  expect(await rows()).toEqual([{ id: 'twin', status: 'waiting', dedupe_key: 'k', attempts: 0 }]);
});

it('a job that gives itself back waits where one that was about to be added is not', async () => {
  await addTwinUncommitted();
  const result = store.jobs.resume(job, 0);
  await untilHeldUp();
  await other.query('rollback');
  await result;
  expect(await rows()).toEqual([{ id: job.id, status: 'waiting', dedupe_key: 'k', attempts: 0 }]);
});

it('a job that has failed waits without its key where one is added under it that moment', async () => {
  await addTwinUncommitted();
  const result = store.jobs.fail(job, 'no luck', 0);
  await untilHeldUp();
  await other.query('commit');
  await result;
  expect(await rows()).toEqual([
    { id: 'twin', status: 'waiting', dedupe_key: 'k', attempts: 0 },
    { id: job.id, status: 'waiting', dedupe_key: null, attempts: 1 },
  ]);
});

it('a job that is asked for again is not begun before what made it necessary is committed', async () => {
  await store.jobs.release(job);
  const asked = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const order: string[] = [];
  const asking = store.transact(async ({ jobs }) => {
    await jobs.enqueue(newJob);
    asked.resolve();
    await mayCommit.promise;
    order.push('committed');
  });
  await asked.promise;
  const claiming = store.jobs.claim('node_b', 60_000).then((claimed) => {
    order.push('claimed');
    return claimed;
  });
  await untilHeldUp();
  mayCommit.resolve();
  await asking;
  expect(await claiming).toMatchObject({ id: job.id, attempts: 1 });
  expect(order).toEqual(['committed', 'claimed']);
});

it('a job that is begun while somebody asks for it again is followed by another', async () => {
  await store.jobs.release(job);
  let claimed: Job | null = null;
  await store.transact(async (writers) => {
    await writers.settings.get('any');
    claimed ??= await store.jobs.claim('node_b', 60_000);
    await writers.jobs.enqueue(newJob);
  });
  expect(claimed).toMatchObject({ id: job.id });
  expect(new Set((await rows()).map(({ status }) => status))).toEqual(new Set(['running', 'waiting']));
});
