import type {
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookEndpointWithSecretSchema,
  webhookPayloadSchema,
  webhookReplaySchema,
} from '@parley/protocol/webhook-schemas';
import type { z } from 'zod';
import type { Threshold } from '../../core/usage/describe-threshold.ts';
import type { MadeEndpoint } from '../../core/webhook/create-endpoint.ts';
import type { WebhookDelivery } from '../../core/webhook/webhook-delivery.ts';
import type { EndpointWithSecrets } from '../../core/webhook/webhook-endpoint.ts';
import type { WebhookEvent, WebhookSubject } from '../../core/webhook/webhook-event.ts';
import { presentConversation } from './conversation.ts';
import { presentMessage } from './message.ts';
import { presentSource } from './source.ts';
import { presentTime, presentTimeOrNull } from './time.ts';
import { presentTurn } from './turn.ts';

export const presentEndpoint = ({
  endpoint,
  secrets,
}: EndpointWithSecrets): z.output<typeof webhookEndpointSchema> => ({
  id: endpoint.id,
  object: 'webhook_endpoint',
  url: endpoint.url,
  events: endpoint.events,
  description: endpoint.description,
  status: endpoint.status,
  disabled_reason: endpoint.disabledReason,
  secrets: secrets.map(({ lastFour, createdAt, expiresAt }) => ({
    last_four: lastFour,
    created_at: presentTime(createdAt),
    expires_at: presentTimeOrNull(expiresAt),
  })),
  created_at: presentTime(endpoint.createdAt),
  updated_at: presentTime(endpoint.updatedAt),
});

export const presentMadeEndpoint = (made: MadeEndpoint): z.output<typeof webhookEndpointWithSecretSchema> => ({
  ...presentEndpoint(made),
  secret: made.secret,
});

export const presentDelivery = (delivery: WebhookDelivery): z.output<typeof webhookDeliverySchema> => ({
  id: delivery.id,
  object: 'webhook_delivery',
  webhook_endpoint_id: delivery.endpointId,
  event_id: delivery.eventId,
  event_type: delivery.type,
  subject_id: delivery.subjectId,
  status: delivery.status,
  attempts: delivery.attempts,
  next_attempt_at: presentTimeOrNull(delivery.nextAttemptAt),
  last_attempt: delivery.lastAttempt && {
    at: presentTime(delivery.lastAttempt.at),
    response_status: delivery.lastAttempt.responseStatus,
    duration_ms: delivery.lastAttempt.durationMs,
    error: delivery.lastAttempt.error,
  },
  created_at: presentTime(delivery.createdAt),
  completed_at: presentTimeOrNull(delivery.endedAt),
});

export const presentReplay = (
  endpointId: string,
  { replayed, hasMore }: { replayed: number; hasMore: boolean },
): z.output<typeof webhookReplaySchema> => ({
  object: 'webhook_replay',
  webhook_endpoint_id: endpointId,
  replayed,
  has_more: hasMore,
});

type WirePayload = z.output<typeof webhookPayloadSchema>;

/** The payload of a webhook as JSON: what is signed and sent, byte for byte. */
export const presentWebhookEvent = (event: WebhookEvent): string =>
  JSON.stringify({
    type: event.type,
    timestamp: presentTime(event.at),
    workspace_id: event.workspaceId,
    test: event.mode === 'test',
    data: presentSubject(event.subject),
  });

const presentSubject = (subject: WebhookSubject): WirePayload['data'] => {
  switch (subject.kind) {
    case 'turn':
      return presentTurn(subject.turn);
    case 'conversation':
      return presentConversation(subject.conversation);
    case 'message':
      return presentMessage(subject.message);
    case 'source':
      return presentSource(subject.source);
    case 'threshold':
      return presentThreshold(subject.threshold);
    case 'test':
      return { object: 'webhook_test', webhook_endpoint_id: subject.endpointId };
  }
};

const presentThreshold = (threshold: Threshold): WirePayload['data'] => ({
  object: 'usage_threshold',
  owner: threshold.owner,
  period: { start: presentTime(threshold.period.start), end: presentTime(threshold.period.end) },
  reached: threshold.reached,
  used: threshold.used,
  reserved: threshold.reserved,
  limit: threshold.limit,
  warn_at: threshold.warnAt,
});
