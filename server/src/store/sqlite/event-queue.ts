import type { EventQueue } from '../../core/webhook/event-queue.ts';
import type { HeldEvent } from '../../core/webhook/outbox.ts';
import type { ClaimedDelivery } from '../../core/webhook/webhook-delivery.ts';
import type { WebhookEventType } from '../../core/webhook/event-type.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Keyring } from '../../kit/seal.ts';
import { type DestinationRow, toDestinations } from '../destination-rows.ts';
import { OpenedSecrets } from '../opened-secrets.ts';
import { droppedDelivery, isWaiting } from '../waiting-deliveries.ts';
import type { SqliteConnection } from './connection.ts';
import { eventSql } from './event-sql.ts';
import { turnSql } from './turn-sql.ts';
import type { SqliteWriter } from './writer.ts';

type TakenRow = { workspace_id: string; id: string; type: string; subject_id: string; created_at: number };

/**
 * The outbox as units of the one writer, which share their commits with turns. `committed`: a connection that sees what is
 * committed and nothing more.
 */
export const sqliteEventQueue = (
  writer: SqliteWriter,
  committed: () => SqliteConnection,
  { keyring, clock }: { keyring: Keyring; clock: Clock },
): EventQueue => {
  const opened = new OpenedSecrets();
  return {
    take: ({ leaseMs, limit }) =>
      writer.run((connection) => {
        const now = clock();
        const heldUntil = now + leaseMs;
        return connection.all<TakenRow>(eventSql.take, heldUntil, now, limit).map((row): HeldEvent => ({
          workspaceId: row.workspace_id,
          id: row.id,
          type: row.type as WebhookEventType,
          subjectId: row.subject_id,
          createdAt: row.created_at,
          heldUntil,
        }));
      }),

    release: (events) =>
      writer.run((connection) => {
        for (const { workspaceId, id, heldUntil } of events) {
          connection.run(eventSql.release, clock(), workspaceId, id, heldUntil);
        }
      }),

    settle: (events, { maxPending, at }) =>
      writer.run((connection) => {
        for (const { event, deliveries } of events) {
          if (connection.run(eventSql.remove, event.workspaceId, event.id, event.heldUntil) === 0) continue;
          for (const delivery of deliveries) {
            const isTooMuch = isWaiting(delivery) && countWaiting(connection, delivery, maxPending) >= maxPending;
            insertDelivery(connection, isTooMuch ? droppedDelivery(delivery, at) : delivery);
          }
        }
      }),

    async destinations(workspaceIds, at) {
      const reader = committed();
      const rows = workspaceIds.flatMap((id) => reader.all<DestinationRow>(eventSql.destinations, id, at));
      return toDestinations(rows, keyring, opened);
    },

    async areKept(conversations) {
      const reader = committed();
      return conversations.map(
        ({ workspaceId, conversationId }) =>
          reader.get(turnSql.isConversationKept, workspaceId, conversationId) !== undefined,
      );
    },
  };
};

const countWaiting = (
  connection: SqliteConnection,
  { workspaceId, endpointId }: ClaimedDelivery,
  most: number,
): number => connection.get<{ count: number }>(eventSql.countWaiting, workspaceId, endpointId, most)?.count ?? 0;

const insertDelivery = (connection: SqliteConnection, delivery: ClaimedDelivery): void => {
  const { workspaceId, id, endpointId, eventId, type, subjectId, eventAt, lastAttempt: last } = delivery;
  connection.run(
    eventSql.insertDelivery,
    ...[workspaceId, id, endpointId, eventId, type, subjectId, eventAt],
    ...[delivery.status, delivery.attempts, delivery.fence, delivery.nextAttemptAt],
    ...[last?.at ?? null, last?.responseStatus ?? null, last?.durationMs ?? null, last?.error ?? null],
    ...[delivery.createdAt, delivery.endedAt],
  );
};
