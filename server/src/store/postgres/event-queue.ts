import type { EventQueue } from '../../core/webhook/event-queue.ts';
import type { HeldEvent } from '../../core/webhook/outbox.ts';
import type { WebhookEventType } from '../../core/webhook/event-type.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Keyring } from '../../kit/seal.ts';
import { type DestinationRow, toDestinations } from '../destination-rows.ts';
import { OpenedSecrets } from '../opened-secrets.ts';
import { toDeliveryRow } from '../webhook-delivery-rows.ts';
import type { PostgresPool } from './connection.ts';
import { eventSql } from './event-sql.ts';

type TakenRow = {
  workspace_id: string;
  id: string;
  type: string;
  subject_id: string;
  created_at: number;
  available_at: number;
};

/** The outbox, one statement for many events. */
export const postgresEventQueue = (pool: PostgresPool, keyring: Keyring, clock: Clock): EventQueue => {
  const opened = new OpenedSecrets();
  return {
    async take({ leaseMs, limit }) {
      const rows = await pool.query<TakenRow>('event.take', eventSql.take, [leaseMs, limit]);
      return rows.map((row) => ({
        workspaceId: row.workspace_id,
        id: row.id,
        type: row.type as WebhookEventType,
        subjectId: row.subject_id,
        createdAt: row.created_at,
        heldUntil: row.available_at,
      }));
    },

    async release(events) {
      await pool.run('event.release', eventSql.release, [JSON.stringify(events.map(placeOf))]);
    },

    async settle(events, { maxPending, at }) {
      const held = JSON.stringify(events.map(({ event }) => placeOf(event)));
      const now = clock();
      const deliveries = events
        .flatMap((event) => event.deliveries)
        .map((delivery, n) => ({
          ...toDeliveryRow(delivery),
          next_attempt_in_ms: delivery.nextAttemptAt === null ? null : delivery.nextAttemptAt - now,
          fence: delivery.fence,
          n,
        }));
      await pool.run('event.settle', eventSql.settle, [held, JSON.stringify(deliveries), maxPending, at]);
    },

    async destinations(workspaceIds, at) {
      const values = [workspaceIds, at];
      return toDestinations(
        await pool.query<DestinationRow>('event.destinations', eventSql.destinations, values),
        keyring,
        opened,
      );
    },

    async areKept(conversations) {
      const places = conversations.map(({ workspaceId, conversationId }, n) => ({
        n,
        workspace_id: workspaceId,
        conversation_id: conversationId,
      }));
      const rows = await pool.query<{ n: number }>('event.areKept', eventSql.areKept, [JSON.stringify(places)]);
      const kept = new Set(rows.map(({ n }) => n));
      return conversations.map((_conversation, n) => kept.has(n));
    },
  };
};

const placeOf = ({ workspaceId, id, heldUntil }: HeldEvent) => ({
  workspace_id: workspaceId,
  id,
  held_until: heldUntil,
});
