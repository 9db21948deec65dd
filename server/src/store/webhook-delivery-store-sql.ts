import { type Kysely, sql } from 'kysely';
import type { ClaimedDelivery, WebhookDeliveryStore } from '../core/webhook/webhook-delivery.ts';
import type { LeaseClock } from './lease-clock.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import { toDelivery, toDeliveryRow } from './webhook-delivery-rows.ts';

/** Due deliveries that are looked at for those that may be taken: many of one endpoint do not hide all others. */
const maxCandidates = 200;

export const webhookDeliveryStoreSql = (db: Kysely<Schema>, leases: LeaseClock): WebhookDeliveryStore => ({
  async find(workspaceId, endpointId, deliveryId) {
    const row = await findRow(db, { workspaceId, endpointId, deliveryId });
    return row ? toDelivery(row) : null;
  },

  async list({ workspaceId, endpointId }, { status, type }, page) {
    const query = db
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('endpoint_id', '=', endpointId)
      .$if(status !== null, (all) => all.where('status', '=', status ?? 'pending'))
      .$if(type !== null, (all) => all.where('type', '=', type ?? ''));
    const { items, hasMore } = await readPage(query, 'id', page);
    return { items: items.map(toDelivery), hasMore };
  },

  async nextDue() {
    // the ranges hold every row: they let the indexes be searched for their first entry
    const event = await db
      .selectFrom('outbox')
      .select(sql<number>`available_at - ${leases.now()}`.as('dueInMs'))
      .where('available_at', '>=', 0)
      .orderBy('available_at')
      .limit(1)
      .executeTakeFirst();
    const delivery = await db
      .selectFrom('webhook_deliveries')
      .select(sql<number>`next_attempt_at - ${leases.now()}`.as('dueInMs'))
      .where('status', '=', sql.lit('pending'))
      .where('next_attempt_at', '>=', 0)
      .orderBy('next_attempt_at')
      .limit(1)
      .executeTakeFirst();
    return { eventInMs: event?.dueInMs ?? null, deliveryInMs: delivery?.dueInMs ?? null };
  },

  async insert(delivery) {
    const { nextAttemptAt: next } = delivery;
    await db
      .insertInto('webhook_deliveries')
      .values({ ...toDeliveryRow(delivery), next_attempt_at: next === null ? null : leases.moment(next) })
      .execute();
  },

  async claim({ leaseMs, limit, perEndpoint, running }) {
    const busy = [...running].filter(([, count]) => count >= perEndpoint).map(([endpointId]) => endpointId);
    const rows = await db
      .selectFrom('webhook_deliveries')
      .select(['workspace_id', 'endpoint_id', 'id'])
      .where('status', '=', sql.lit('pending'))
      .where('next_attempt_at', '<=', leases.now())
      .$if(busy.length > 0, (all) => all.where('endpoint_id', 'not in', busy))
      .orderBy('next_attempt_at')
      .limit(maxCandidates)
      .execute();
    const claimed: ClaimedDelivery[] = [];
    const chosen = within(rows, { limit, perEndpoint, running });
    for (const [endpointId, places] of Map.groupBy(chosen, (row) => row.endpoint_id)) {
      const taken = await db
        .updateTable('webhook_deliveries')
        .set((set) => ({
          fence: set('fence', '+', 1),
          attempts: set('attempts', '+', 1),
          next_attempt_at: leases.fromNow(leaseMs),
        }))
        .where('workspace_id', '=', places[0]!.workspace_id)
        .where('endpoint_id', '=', endpointId)
        .where(
          'id',
          'in',
          places.map(({ id }) => id),
        )
        // another process may have taken it since it was looked for
        .where('next_attempt_at', '<=', leases.now())
        .where('status', '=', 'pending')
        .returningAll()
        .execute();
      claimed.push(...taken.map((row) => ({ ...toDelivery(row), fence: row.fence })));
    }
    const chosenIds = new Set(chosen.map(({ id }) => id));
    const left = rows.filter(({ id }) => !chosenIds.has(id)).map((row) => row.endpoint_id);
    return { deliveries: claimed, behind: rows.length === maxCandidates ? null : new Set([...busy, ...left]) };
  },

  async finish({ workspaceId, endpointId, id, fence }, result) {
    const { numUpdatedRows } = await db
      .updateTable('webhook_deliveries')
      .set({
        status: result.status,
        next_attempt_at: result.nextAttemptAt === null ? null : leases.moment(result.nextAttemptAt),
        attempted_at: result.at,
        response_status: result.responseStatus,
        duration_ms: result.durationMs,
        error: result.error,
        ended_at: result.status === 'pending' ? null : result.at,
      })
      .where('workspace_id', '=', workspaceId)
      .where('endpoint_id', '=', endpointId)
      .where('id', '=', id)
      .where('fence', '=', fence)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  async replay({ workspaceId, endpointId }, deliveryId) {
    // a newer fence: an attempt that is under way no longer decides
    const row = await db
      .updateTable('webhook_deliveries')
      .set((set) => ({ ...anew(leases), fence: set('fence', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('endpoint_id', '=', endpointId)
      .where('id', '=', deliveryId)
      .returningAll()
      .executeTakeFirst();
    return row ? toDelivery(row) : null;
  },

  async replayFailed({ workspaceId, endpointId }, { since, limit }) {
    const { numUpdatedRows } = await db
      .updateTable('webhook_deliveries')
      .set((set) => ({ ...anew(leases), fence: set('fence', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('endpoint_id', '=', endpointId)
      .where('id', 'in', (select) =>
        select
          .selectFrom('webhook_deliveries')
          .select('id')
          .where('workspace_id', '=', workspaceId)
          .where('endpoint_id', '=', endpointId)
          .where('status', '=', sql.lit('failed'))
          .where('event_at', '>=', since)
          .orderBy('event_at')
          .limit(limit),
      )
      .executeTakeFirst();
    return Number(numUpdatedRows);
  },

  async removeEnded(createdBefore, limit) {
    const { numDeletedRows } = await db
      .deleteFrom('webhook_deliveries')
      .where((where) =>
        where(
          where.refTuple('workspace_id', 'endpoint_id', 'id'),
          'in',
          where
            .selectFrom('webhook_deliveries')
            .select(['workspace_id', 'endpoint_id', 'id'])
            .where('created_at', '<', createdBefore)
            .where('status', '<>', 'pending')
            .orderBy('created_at')
            .limit(limit)
            .$asTuple('workspace_id', 'endpoint_id', 'id'),
        ),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  },

  async purge(workspaceId, endpointId, limit) {
    const { numDeletedRows } = await db
      .deleteFrom('webhook_deliveries')
      .where('workspace_id', '=', workspaceId)
      .where('endpoint_id', '=', endpointId)
      .where('id', 'in', (select) =>
        select
          .selectFrom('webhook_deliveries')
          .select('id')
          .where('workspace_id', '=', workspaceId)
          .where('endpoint_id', '=', endpointId)
          .orderBy('id')
          .limit(limit),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  },
});

const anew = (leases: LeaseClock) =>
  ({ status: 'pending', attempts: 0, next_attempt_at: leases.fromNow(0), ended_at: null }) as const;

/** In their order, at most `limit` in all and, with those that run, `perEndpoint` of one. */
const within = <Row extends { endpoint_id: string }>(
  rows: readonly Row[],
  { limit, perEndpoint, running }: { limit: number; perEndpoint: number; running: ReadonlyMap<string, number> },
): Row[] => {
  const counts = new Map(running);
  const taken: Row[] = [];
  for (const row of rows) {
    if (taken.length === limit) break;
    const count = counts.get(row.endpoint_id) ?? 0;
    if (count >= perEndpoint) continue;
    counts.set(row.endpoint_id, count + 1);
    taken.push(row);
  }
  return taken;
};

const findRow = (
  db: Kysely<Schema>,
  { workspaceId, endpointId, deliveryId }: { workspaceId: string; endpointId: string; deliveryId: string },
) =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('endpoint_id', '=', endpointId)
    .where('id', '=', deliveryId)
    .executeTakeFirst();
