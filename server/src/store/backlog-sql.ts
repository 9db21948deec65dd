import { type Kysely, sql } from 'kysely';
import { type BacklogReader, maxCounted } from '../core/operations/backlog.ts';
import type { Clock } from '../kit/clock.ts';
import { nextKind } from './job-store-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import type { Schema } from './schema.ts';

/** Each count reads the first entries of a partial index and no others; the ranges hold every row, and let it be searched. */
export const backlogSql = (
  db: Kysely<Schema>,
  { leases, clock }: { leases: LeaseClock; clock: Clock },
): BacklogReader => ({
  async read() {
    const [waiting, running] = [await countByKind(db, 'waiting'), await countRunning(db)];
    const dead = await countByKind(db, 'dead');
    const oldestDueMs = await readOldestDue(db, leases);
    const events = await readEvents(db);
    const deliveries = await readDeliveries(db);
    const oldestAt = Math.min(events.oldestAt ?? Infinity, deliveries.oldestAt ?? Infinity);
    return {
      jobs: { waiting, running, dead, oldestDueMs },
      webhooks: {
        events: events.count,
        deliveries: deliveries.count,
        oldestMs: oldestAt === Infinity ? null : Math.max(0, clock() - oldestAt),
      },
    };
  },
});

const limit = sql.lit(maxCounted);

/** Up to the limit of each kind, so that many of one hide none of another; running jobs are few. */
const countByKind = async (db: Kysely<Schema>, status: 'waiting' | 'dead'): Promise<Map<string, number>> => {
  const counts = new Map<string, number>();
  for (let kind = await nextKind(db, status, ''); kind !== null; kind = await nextKind(db, status, kind)) {
    const first = db
      .selectFrom('jobs')
      .select('kind')
      .where('status', '=', sql.lit(status))
      .where('kind', '=', kind)
      .limit(limit)
      .as('first');
    const { jobs } = await db
      .selectFrom(first)
      .select(({ fn }) => fn.countAll<number>().as('jobs'))
      .executeTakeFirstOrThrow();
    counts.set(kind, Number(jobs));
  }
  return counts;
};

const countRunning = async (db: Kysely<Schema>): Promise<Map<string, number>> => {
  const first = db
    .selectFrom('jobs')
    .select('kind')
    .where('status', '=', sql.lit('running'))
    .where('lease_until', '>=', sql.lit(0))
    .orderBy('lease_until')
    .limit(limit)
    .as('first');
  const rows = await db
    .selectFrom(first)
    .select(({ fn }) => ['kind', fn.countAll<number>().as('jobs')])
    .groupBy('kind')
    .execute();
  return new Map(rows.map(({ kind, jobs }) => [kind, Number(jobs)]));
};

const readOldestDue = async (db: Kysely<Schema>, leases: LeaseClock): Promise<number | null> => {
  const row = await db
    .selectFrom('jobs')
    .select(sql<number>`${leases.now()} - run_at`.as('dueMs'))
    .where('status', '=', sql.lit('waiting'))
    .where('run_at', '>=', sql.lit(0))
    .where('run_at', '<=', leases.now())
    .orderBy('run_at')
    .limit(sql.lit(1))
    .executeTakeFirst();
  return row ? Number(row.dueMs) : null;
};

type Waiting = { count: number; oldestAt: number | null };

const readEvents = async (db: Kysely<Schema>): Promise<Waiting> => {
  const first = db
    .selectFrom('outbox')
    .select('created_at as at')
    .where('available_at', '>=', sql.lit(0))
    .orderBy('available_at')
    .limit(limit)
    .as('first');
  return waitingOf(await db.selectFrom(first).select(countAndOldest).executeTakeFirstOrThrow());
};

const readDeliveries = async (db: Kysely<Schema>): Promise<Waiting> => {
  const first = db
    .selectFrom('webhook_deliveries')
    .select('event_at as at')
    .where('status', '=', sql.lit('pending'))
    .where('next_attempt_at', '>=', sql.lit(0))
    .orderBy('next_attempt_at')
    .limit(limit)
    .as('first');
  return waitingOf(await db.selectFrom(first).select(countAndOldest).executeTakeFirstOrThrow());
};

const countAndOldest = [
  sql<number>`count(*)`.as('count'),
  sql<number | null>`min(${sql.ref('first.at')})`.as('oldestAt'),
] as const;

const waitingOf = ({ count, oldestAt }: Waiting): Waiting => ({
  count: Number(count),
  oldestAt: oldestAt === null ? null : Number(oldestAt),
});
