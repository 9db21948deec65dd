import type { Insertable, Selectable } from 'kysely';
import type { WebhookDelivery } from '../core/webhook/webhook-delivery.ts';
import type { WebhookDeliveriesTable } from './tables/webhook-deliveries.ts';

export const toDelivery = (row: Selectable<WebhookDeliveriesTable>): WebhookDelivery => ({
  id: row.id,
  workspaceId: row.workspace_id,
  endpointId: row.endpoint_id,
  eventId: row.event_id,
  type: row.type as WebhookDelivery['type'],
  subjectId: row.subject_id,
  eventAt: row.event_at,
  status: row.status,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
  lastAttempt:
    row.attempted_at === null
      ? null
      : {
          at: row.attempted_at,
          responseStatus: row.response_status,
          durationMs: row.duration_ms,
          error: row.error as NonNullable<WebhookDelivery['lastAttempt']>['error'],
        },
  createdAt: row.created_at,
  endedAt: row.ended_at,
});

export const toDeliveryRow = (delivery: WebhookDelivery): Insertable<WebhookDeliveriesTable> => ({
  workspace_id: delivery.workspaceId,
  id: delivery.id,
  endpoint_id: delivery.endpointId,
  event_id: delivery.eventId,
  type: delivery.type,
  subject_id: delivery.subjectId,
  event_at: delivery.eventAt,
  status: delivery.status,
  attempts: delivery.attempts,
  fence: 0,
  next_attempt_at: delivery.nextAttemptAt,
  attempted_at: delivery.lastAttempt?.at ?? null,
  response_status: delivery.lastAttempt?.responseStatus ?? null,
  duration_ms: delivery.lastAttempt?.durationMs ?? null,
  error: delivery.lastAttempt?.error ?? null,
  created_at: delivery.createdAt,
  ended_at: delivery.endedAt,
});
