import { type ExpressionBuilder, type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import type { JobKindName } from '../core/job/job-kinds.ts';
import type { Job, JobQueue, JobSelection, JobStore } from '../core/job/job-store.ts';
import type { Json } from '../core/json.ts';
import type { Clock } from '../kit/clock.ts';
import { newId } from '../kit/id.ts';
import type { LeaseClock } from './lease-clock.ts';
import type { Schema } from './schema.ts';

/** How often a claim looks for another job after somebody else was faster; the next poll tries again anyway. */
const maxClaimTries = 5;

/** Long enough to find the place in the code; a stack is not kept. */
const maxErrorCharacters = 500;

/** The side that adds jobs; inside a transaction, a job exists exactly when what made it necessary does. */
export const jobQueueSql = (db: Kysely<Schema>, leases: LeaseClock, clock: Clock): JobQueue => ({
  async enqueue(job) {
    await db
      .insertInto('jobs')
      .values({
        id: newId('job'),
        workspace_id: job.workspaceId,
        kind: job.kind,
        payload: JSON.stringify(job.payload),
        status: 'waiting',
        dedupe_key: job.dedupeKey ?? null,
        run_at: job.runAt === undefined ? leases.fromNow(0) : leases.moment(job.runAt),
        owner: null,
        lease_until: null,
        fence: 0,
        attempts: 0,
        last_error: null,
        created_at: clock(),
      })
      // a claim of the one that waits waits in turn for this transaction, and so sees what made the job necessary again
      .onConflict((conflict) =>
        conflict
          .column('dedupe_key')
          .where('status', '=', sql.lit('waiting'))
          .where('dedupe_key', 'is not', null)
          .doUpdateSet({ run_at: earlierRunAt, attempts: 0, last_error: null }),
      )
      .execute();
  },
});

/** Of the job that waits and the one that would be added; the databases have no name in common for the lesser of two. */
const earlierRunAt = sql<number>`case when excluded.run_at < jobs.run_at then excluded.run_at else jobs.run_at end`;

/** The worker's side. Every change is a statement under the job's fence, so that no transaction is needed. */
export const jobStoreSql = (db: Kysely<Schema>, leases: LeaseClock): JobStore => ({
  async claim(owner, leaseMs, kinds = anyKind) {
    // PostgreSQL knows no empty list
    if (kinds !== anyKind && kinds.only.length === 0) return null;
    for (let tries = 0; tries < maxClaimTries; tries++) {
      const candidate = (await findAbandoned(db, kinds, leases)) ?? (await findDueFairly(db, kinds, leases));
      if (!candidate) return null;
      const claimed = { fence: candidate.fence + 1, attempts: candidate.attempts + 1 };
      const { numUpdatedRows } = await db
        .updateTable('jobs')
        .set({ ...claimed, status: 'running', owner, lease_until: leases.fromNow(leaseMs) })
        .where('id', '=', candidate.id)
        .where('fence', '=', candidate.fence)
        .where('status', '=', candidate.status)
        // whoever holds it may have renewed its lease since it was looked at, which leaves the fence as it is
        .$if(candidate.status === 'running', (query) => query.where('lease_until', '<', leases.now()))
        .executeTakeFirst();
      if (numUpdatedRows > 0n) return toJob({ ...candidate, ...claimed });
    }
    return null;
  },

  async renew(job, leaseMs) {
    const { numUpdatedRows } = await db
      .updateTable('jobs')
      .set({ lease_until: leases.fromNow(leaseMs) })
      .where('id', '=', job.id)
      .where('fence', '=', job.fence)
      .where('status', '=', 'running')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  complete: (job) => complete(db, job),

  async fail(job, error, runAt) {
    const last_error = error.slice(0, maxErrorCharacters);
    if (runAt === null) {
      const dead = {
        status: 'dead',
        dedupe_key: null,
        run_at: leases.now(),
        owner: null,
        lease_until: null,
        last_error,
      } as const;
      await db.updateTable('jobs').set(dead).where('id', '=', job.id).where('fence', '=', job.fence).execute();
      return;
    }
    const change = { run_at: leases.moment(runAt), last_error };
    if (!(await putBack(db, job, change))) await putBack(db, job, { ...change, dedupe_key: null });
  },

  async resume(job, runAt, { attempts = 0, payload } = {}) {
    const told = payload === undefined ? {} : { payload: JSON.stringify(payload) };
    const change = { run_at: leases.moment(runAt), attempts, ...told };
    if (await putBack(db, job, change)) return;
    if (payload !== undefined) {
      await putBack(db, job, { ...change, dedupe_key: null });
      return;
    }
    // what another of its key waits for is the same work; where that one is gone by now, this one's lease runs out
    await db
      .deleteFrom('jobs')
      .where('id', '=', job.id)
      .where('fence', '=', job.fence)
      .where(hasOther('waiting'))
      .execute();
  },

  async release(job) {
    const attempts = job.attempts - 1;
    if (!(await putBack(db, job, { attempts }))) await putBack(db, job, { attempts, dedupe_key: null });
  },

  async countWaiting(kind, limit) {
    const waiting = db
      .selectFrom('jobs')
      .select('workspace_id')
      .where('status', '=', sql.lit('waiting'))
      .where('kind', '=', kind)
      .limit(limit)
      .as('waiting');
    const rows = await db
      .selectFrom(waiting)
      .select(({ fn }) => ['workspace_id', fn.countAll().as('jobs')])
      .groupBy('workspace_id')
      .execute();
    return new Map(rows.map(({ workspace_id: id, jobs }) => [id, Number(jobs)]));
  },

  async removeLeft(known, createdBefore, limit) {
    let left = limit;
    const remove = async (old: SelectQueryBuilder<Schema, 'jobs', { id: string }>): Promise<number> => {
      const ids = old.where('created_at', '<', createdBefore).limit(left);
      return Number((await db.deleteFrom('jobs').where('id', 'in', ids).executeTakeFirst()).numDeletedRows);
    };
    // each along an index of its own
    const jobs = db.selectFrom('jobs').select('id');
    const unheld = jobs.where('status', '=', sql.lit('running')).where('lease_until', '<', createdBefore);
    const waiting = jobs.where('status', '=', sql.lit('waiting'));
    left -= await remove(jobs.where('status', '=', sql.lit('dead')));
    left -= await remove(unheld.where('kind', 'not in', known));
    // a version has some dozens of kinds, and those of each are one entry to pass over
    for (let kind = await nextKind(db, 'waiting', ''); kind !== null && left > 0;) {
      if (!known.includes(kind)) left -= await remove(waiting.where('kind', '=', kind));
      kind = await nextKind(db, 'waiting', kind);
    }
    return limit - left;
  },
});

/** The first kind behind this one of which there is such a job; null behind the last. */
export const nextKind = async (
  db: Kysely<Schema>,
  status: 'waiting' | 'dead',
  after: string,
): Promise<string | null> => {
  const jobs = db.selectFrom('jobs').select('kind').where('status', '=', sql.lit(status));
  const next = await jobs.where('kind', '>', after).orderBy('kind').limit(1).executeTakeFirst();
  return next?.kind ?? null;
};

const complete = async (db: Kysely<Schema>, job: Job): Promise<void> => {
  await db.deleteFrom('jobs').where('id', '=', job.id).where('fence', '=', job.fence).execute();
};

/**
 * Lets a job wait again. Without `dedupe_key` it keeps its key, which two that wait cannot have: false where another was
 * added under it while this one ran.
 */
const putBack = async (
  db: Kysely<Schema>,
  job: Job,
  change: { run_at?: RawBuilder<number>; attempts?: number; payload?: string; last_error?: string; dedupe_key?: null },
): Promise<boolean> => {
  const waiting = db
    .updateTable('jobs')
    .set({ status: 'waiting', owner: null, lease_until: null, ...change })
    .where('id', '=', job.id)
    .where('fence', '=', job.fence);
  if (change.dedupe_key === null) return (await waiting.executeTakeFirst()).numUpdatedRows > 0n;
  try {
    const { numUpdatedRows } = await waiting.where(hasNoOther('waiting')).executeTakeFirst();
    return numUpdatedRows > 0n;
  } catch (error) {
    // one that was added this moment is seen by now; whatever else went wrong is no reason to drop the job
    if (await isWaitedFor(db, job)) return false;
    throw error;
  }
};

/** True where another waits under the job's key. */
const isWaitedFor = async (db: Kysely<Schema>, job: Job): Promise<boolean> => {
  const waitedFor = db.selectFrom('jobs').select('id').where('id', '=', job.id).where(hasOther('waiting'));
  return (await waitedFor.executeTakeFirst()) !== undefined;
};

/** True of a job that shares its key with one of this status. */
const hasOther = (status: 'waiting' | 'running') => (where: ExpressionBuilder<Schema, 'jobs'>) =>
  where.exists(
    where
      .selectFrom('jobs as other')
      .select('other.id')
      .where('other.status', '=', sql.lit(status))
      .whereRef('other.dedupe_key', '=', 'jobs.dedupe_key'),
  );

const hasNoOther = (status: 'waiting' | 'running') => (where: ExpressionBuilder<Schema, 'jobs'>) =>
  where.not(hasOther(status)(where));

const columns = ['id', 'workspace_id', 'kind', 'payload', 'attempts', 'fence', 'status', 'run_at'] as const;

/** For those who take whatever there is. */
const anyKind: JobSelection = { only: [] };

const selectJobs = (db: Kysely<Schema>, { only, except = [] }: JobSelection) =>
  db
    .selectFrom('jobs')
    .select(columns)
    .$if(only.length > 0, (query) => query.where('kind', 'in', only))
    // work of the installation itself is nobody's, and is not passed over
    .$if(except.length > 0, (query) =>
      query.where((where) => where.or([where('workspace_id', 'not in', except), where('workspace_id', 'is', null)])),
    );

/** The job whose holder has been silent the longest. The status is a literal, so that the partial index serves. */
const findAbandoned = (db: Kysely<Schema>, kinds: JobSelection, leases: LeaseClock) =>
  selectJobs(db, kinds)
    .where('status', '=', sql.lit('running'))
    .where('lease_until', '<', leases.now())
    .orderBy('lease_until')
    .limit(1)
    .executeTakeFirst();

/** Where it is to be fair, of a workspace that has none at work, if there is one. */
const findDueFairly = async (db: Kysely<Schema>, kinds: JobSelection, leases: LeaseClock) => {
  if (kinds.fair !== true) return findDue(db, kinds, leases);
  const rows = await db
    .selectFrom('jobs')
    .select('workspace_id')
    .distinct()
    .where('status', '=', sql.lit('running'))
    .where('lease_until', '>=', leases.now())
    .where('kind', 'in', kinds.only)
    .limit(maxBusyWorkspaces)
    .execute();
  const { except = [] } = kinds;
  const busy = new Set([...except, ...rows.flatMap(({ workspace_id: workspaceId }) => workspaceId ?? [])]);
  const others = { ...kinds, except: [...busy] };
  const fair = busy.size > except.length ? await findDue(db, others, leases) : undefined;
  return fair ?? findDue(db, kinds, leases);
};

/** As many as work at once on some dozens of servers. */
const maxBusyWorkspaces = 200;

/**
 * The job that has been due the longest; of one key only one runs at a time. The first of each kind is looked up: in one look
 * for several kinds all that wait of others might have to be passed over.
 */
const findDue = async (db: Kysely<Schema>, kinds: JobSelection, leases: LeaseClock) => {
  const [first, ...others] = kinds.only;
  if (first === undefined) return firstDue(db, kinds, leases).executeTakeFirst();
  // SQLite takes an order and a limit in parts of a union only where they are queries of their own
  const dueOf = (kind: JobKindName) =>
    db.selectFrom(firstDue(db, { ...kinds, only: [kind] }, leases).as('due')).selectAll();
  let due = dueOf(first);
  for (const kind of others) due = due.unionAll(dueOf(kind));
  return (await due.execute()).toSorted(byDueTime)[0];
};

const firstDue = (db: Kysely<Schema>, kinds: JobSelection, leases: LeaseClock) =>
  selectJobs(db, kinds)
    .where('status', '=', sql.lit('waiting'))
    .where('run_at', '<=', leases.now())
    .where(hasNoOther('running'))
    .orderBy('run_at')
    .orderBy('id')
    .limit(1);

type Due = { run_at: number; id: string };
const byDueTime = (one: Due, other: Due): number => one.run_at - other.run_at || (one.id < other.id ? -1 : 1);

type JobRow = {
  id: string;
  workspace_id: string | null;
  kind: string;
  payload: string;
  attempts: number;
  fence: number;
};

const toJob = (row: JobRow): Job => ({
  id: row.id,
  workspaceId: row.workspace_id,
  kind: row.kind,
  payload: JSON.parse(row.payload) as Json,
  attempts: row.attempts,
  fence: row.fence,
});
