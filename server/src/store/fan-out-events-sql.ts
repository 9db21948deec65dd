import { type Kysely, type Selectable, sql } from 'kysely';
import { pendingDelivery, type WebhookDelivery } from '../core/webhook/webhook-delivery.ts';
import type { WebhookEndpoint } from '../core/webhook/webhook-endpoint.ts';
import type { Schema } from './schema.ts';
import type { OutboxTable } from './tables/outbox.ts';
import { toDeliveryRow } from './webhook-delivery-rows.ts';
import { webhookEndpointStoreSql } from './webhook-endpoint-store-sql.ts';

type Event = Selectable<OutboxTable>;

/**
 * Turns events of the outbox into one delivery for each endpoint that wants them, so that one dead endpoint holds up
 * none. The events leave with the deliveries' coming, in one transaction; whoever deletes an event makes its deliveries.
 */
export const fanOutEvents = async (
  db: Kysely<Schema>,
  { limit, maxPending, at }: { limit: number; maxPending: number; at: number },
): Promise<number> => {
  const waiting = await db
    .selectFrom('outbox')
    .select(['workspace_id', 'id'])
    .where('available_at', '<=', at)
    .orderBy('available_at')
    .limit(limit)
    .execute();
  const taken: Event[] = [];
  for (const [workspaceId, ids] of groupIds(waiting)) {
    const events = await db
      .deleteFrom('outbox')
      .where('workspace_id', '=', workspaceId)
      .where('id', 'in', ids)
      .returningAll()
      .execute();
    if (events.length === 0) continue;
    taken.push(...events);
    const deliveries = await deliveriesOf(db, { workspaceId, events, maxPending, at });
    if (deliveries.length > 0) {
      await db.insertInto('webhook_deliveries').values(deliveries.map(toDeliveryRow)).execute();
    }
  }
  return taken.length;
};

const groupIds = (rows: readonly { workspace_id: string; id: string }[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const { workspace_id: workspaceId, id } of rows) {
    const ids = groups.get(workspaceId);
    if (ids) ids.push(id);
    else groups.set(workspaceId, [id]);
  }
  return groups;
};

const deliveriesOf = async (
  db: Kysely<Schema>,
  batch: { workspaceId: string; events: readonly Event[]; maxPending: number; at: number },
): Promise<WebhookDelivery[]> => {
  const { workspaceId, maxPending, at } = batch;
  const events = batch.events.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const deliveries: WebhookDelivery[] = [];
  for (const endpoint of await webhookEndpointStoreSql(db).list(workspaceId)) {
    const wanted = events.filter((event) => wants(endpoint, event));
    if (wanted.length === 0) continue;
    let room = maxPending - (await countPending(db, endpoint, maxPending));
    for (const event of wanted) {
      deliveries.push(room > 0 ? pending(endpoint, event, at) : dropped(endpoint, event, at));
      room -= 1;
    }
  }
  return deliveries;
};

const wants = ({ status, events }: WebhookEndpoint, { type }: Event): boolean =>
  status === 'enabled' && events.some((wanted) => wanted === type);

/** Counts no further than it matters. */
const countPending = async (
  db: Kysely<Schema>,
  { workspaceId, id }: WebhookEndpoint,
  most: number,
): Promise<number> => {
  const { count } = await db
    .selectFrom((from) =>
      from
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('endpoint_id', '=', id)
        .where('status', '=', sql.lit('pending'))
        .limit(most)
        .as('waiting'),
    )
    .select((select) => select.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
};

const pending = (endpoint: WebhookEndpoint, event: Event, at: number): WebhookDelivery =>
  pendingDelivery(
    {
      workspaceId: endpoint.workspaceId,
      endpointId: endpoint.id,
      eventId: event.id,
      type: event.type as WebhookDelivery['type'],
      subjectId: event.subject_id,
      eventAt: event.created_at,
    },
    at,
  );

const dropped = (endpoint: WebhookEndpoint, event: Event, at: number): WebhookDelivery => ({
  ...pending(endpoint, event, at),
  status: 'dropped',
  nextAttemptAt: null,
  lastAttempt: { at, responseStatus: null, durationMs: null, error: 'queue_full' },
  endedAt: at,
});
