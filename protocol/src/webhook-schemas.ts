import { z } from 'zod';
import {
  count,
  eventId,
  overlapSeconds,
  pageQuery,
  timestamp,
  timestampInput,
  webhookDeliveryId,
  webhookEndpointId,
  workspaceId,
} from './common-schemas.ts';
import { conversationSchema } from './conversation-schemas.ts';
import { messageSchema } from './message-schemas.ts';
import { sourceSchema } from './source-schemas.ts';
import { turnSchema } from './turn-schemas.ts';

/** Every event an endpoint may listen to, with what it tells; `docs/webhooks.md` has the same list. */
export const webhookEvents = {
  'turn.completed':
    'A turn has ended, and not failed: `status` says whether it was completed, cancelled or interrupted. Once more, when a person answers a turn that waited for one.',
  'turn.failed': 'A turn has failed; `error` says why.',
  'conversation.created': 'A conversation has begun.',
  'conversation.handoff': 'A person has taken a conversation: its status is `human` now.',
  'message.created': 'A person has written a message that answers no turn.',
  'usage.threshold': 'A warning or a limit of the quota was reached.',
  'source.ready': 'A source can be found in the knowledge.',
  'source.failed': 'A source could not be processed; `error` says why.',
} as const;

export type WebhookEventName = keyof typeof webhookEvents;

const eventNames = Object.keys(webhookEvents) as [WebhookEventName, ...WebhookEventName[]];

/** Sent by `POST /v1/webhook_endpoints/{id}/test` alone. */
export const webhookTestName = 'webhook.test';

const eventName = z.enum(eventNames);
const maxUrlCharacters = 2_048;
const maxDescriptionCharacters = 500;

const url = z
  .string()
  .min(1)
  .max(maxUrlCharacters)
  .describe('https, on a host of the public internet, unless the operator allows more.');
const events = z.array(eventName).min(1).max(eventNames.length).describe('The events it listens to.');
const description = z.string().max(maxDescriptionCharacters).describe('For people.');
const endpointStatus = z.enum(['enabled', 'disabled']).describe('A disabled endpoint is sent nothing.');

export const createWebhookEndpointSchema = z
  .strictObject({
    url,
    events,
    description: description.default(''),
    status: endpointStatus.default('enabled'),
  })
  .meta({
    id: 'CreateWebhookEndpoint',
    examples: [{ url: 'https://example.com/parley', events: ['turn.completed', 'conversation.handoff'] }],
  });

export const updateWebhookEndpointSchema = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    description: description.optional(),
    status: endpointStatus.optional(),
  })
  .meta({ id: 'UpdateWebhookEndpoint' });

const endpointFields = {
  id: webhookEndpointId,
  object: z.literal('webhook_endpoint').describe('What this is.'),
  url: z.string().describe('Where events are sent.'),
  events: z.array(eventName).describe('The events it listens to.'),
  description: z.string().describe('For people.'),
  status: endpointStatus,
  disabled_reason: z
    .enum(['gone', 'failing'])
    .nullable()
    .describe(
      'Why the server disabled it: it answered 410 (`gone`), or every attempt of five days failed (`failing`).',
    ),
  secrets: z
    .array(
      z.strictObject({
        last_four: z.string().describe('The end of the secret.'),
        created_at: timestamp.describe('When it was made.'),
        expires_at: timestamp.nullable().describe('The end of a rotation; null for the secret that stays.'),
      }),
    )
    .describe('Those that sign, newest first.'),
  created_at: timestamp.describe('When it was made.'),
  updated_at: timestamp.describe('When it was last changed.'),
};

export const webhookEndpointSchema = z.strictObject(endpointFields).meta({ id: 'WebhookEndpoint' });

export const webhookEndpointWithSecretSchema = z
  .strictObject({ ...endpointFields, secret: z.string().describe('Signs every payload. Shown this once.') })
  .meta({ id: 'WebhookEndpointWithSecret' });

export const webhookEndpointParams = z.strictObject({ webhook_endpoint_id: webhookEndpointId });

export const webhookDeliveryParams = z.strictObject({
  webhook_endpoint_id: webhookEndpointId,
  delivery_id: webhookDeliveryId,
});

export const rotateWebhookSecretSchema = z
  .strictObject({
    overlap_seconds: overlapSeconds({
      maxDays: 7,
      description: 'How long payloads are signed with the old secret too; 0 ends it at once.',
    }),
  })
  .meta({ id: 'RotateWebhookSecret' });

/** The body may be left out. */
export const rotateWebhookSecretBody = rotateWebhookSecretSchema.optional();

const deliveryStatus = z
  .enum(['pending', 'delivered', 'failed', 'dropped'])
  .describe(
    '`dropped`: what the event was about was deleted before it was sent, or 10,000 others waited for the endpoint already.',
  );

export const webhookDeliverySchema = z
  .strictObject({
    id: webhookDeliveryId,
    object: z.literal('webhook_delivery').describe('What this is.'),
    webhook_endpoint_id: webhookEndpointId,
    event_id: eventId.describe('The same at every attempt: the header `webhook-id`.'),
    event_type: z.enum([...eventNames, webhookTestName]).describe('The `type` of what is sent.'),
    subject_id: z.string().describe('What the event is about.'),
    status: deliveryStatus,
    attempts: count.describe('Of at most 10; a replay counts anew.'),
    next_attempt_at: timestamp.nullable().describe('Null once it has ended.'),
    last_attempt: z
      .strictObject({
        at: timestamp.describe('When it was made.'),
        response_status: count.nullable().describe('Null where there was no answer.'),
        duration_ms: count.nullable().describe('Null where nothing was sent.'),
        error: z
          .enum([
            'http_status',
            'unreachable',
            'insecure',
            'timeout',
            'broken',
            'too_large',
            'redirected',
            'invalid',
            'endpoint_disabled',
            'subject_deleted',
            'queue_full',
          ])
          .nullable()
          .describe('Null where it was answered with a 2xx status.'),
      })
      .nullable()
      .describe('Null before the first.'),
    created_at: timestamp.describe('When the event came to the endpoint.'),
    completed_at: timestamp.nullable().describe('When it arrived or was given up; null until then.'),
  })
  .meta({ id: 'WebhookDelivery' });

export const listWebhookEndpointsQuery = z.strictObject(pageQuery(webhookEndpointId));

export const listWebhookDeliveriesQuery = z.strictObject({
  ...pageQuery(webhookDeliveryId),
  status: deliveryStatus.optional(),
  event_type: z.enum([...eventNames, webhookTestName]).optional(),
});

export const replayWebhookDeliveriesSchema = z
  .strictObject({ since: timestampInput.describe('Failed deliveries of events from then on are sent again.') })
  .meta({ id: 'ReplayWebhookDeliveries' });

export const webhookReplaySchema = z
  .strictObject({
    object: z.literal('webhook_replay').describe('What this is.'),
    webhook_endpoint_id: webhookEndpointId,
    replayed: count.describe('How many were made due, the oldest first.'),
    has_more: z.boolean().describe('True where more than 1,000 had failed: call again.'),
  })
  .meta({ id: 'WebhookReplay' });

export const thresholdSchema = z
  .strictObject({
    object: z.literal('usage_threshold').describe('What this is.'),
    owner: z
      .strictObject({
        type: z.enum(['workspace', 'client', 'bot', 'user']).describe('What kind of owner.'),
        id: z.string().describe('Its id; of a user the caller’s own.'),
      })
      .describe('Whose quota it is.'),
    period: z
      .strictObject({
        start: timestamp.describe('Its first moment.'),
        end: timestamp.describe('The first moment of the next period.'),
      })
      .describe('The calendar month (UTC).'),
    reached: z.enum(['warn_at', 'limit']).describe('What the charge reached.'),
    used: count.describe('Charged so far in the period.'),
    reserved: count.describe('Held by turns that have not ended.'),
    limit: count.nullable().describe('Null for no limit.'),
    warn_at: count.nullable().describe('Null for none.'),
  })
  .meta({ id: 'UsageThreshold' });

const envelope = {
  timestamp: timestamp.describe('When it happened.'),
  workspace_id: workspaceId,
  test: z.boolean().describe('True for what belongs to test mode, and for `webhook.test`.'),
};

const typeOf = <const Names extends readonly [string, ...string[]]>(...names: Names) =>
  z.enum(names).describe('What happened.');

/** What is sent: `data` is the object as the API gives it. */
export const webhookPayloadSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: typeOf('turn.completed', 'turn.failed'), ...envelope, data: turnSchema }),
    z.strictObject({
      type: typeOf('conversation.created', 'conversation.handoff'),
      ...envelope,
      data: conversationSchema,
    }),
    z.strictObject({ type: typeOf('message.created'), ...envelope, data: messageSchema }),
    z.strictObject({ type: typeOf('source.ready', 'source.failed'), ...envelope, data: sourceSchema }),
    z.strictObject({ type: typeOf('usage.threshold'), ...envelope, data: thresholdSchema }),
    z.strictObject({
      type: typeOf(webhookTestName),
      ...envelope,
      data: z
        .strictObject({
          object: z.literal('webhook_test').describe('What this is.'),
          webhook_endpoint_id: webhookEndpointId,
        })
        .describe('Which endpoint was tested.'),
    }),
  ])
  .meta({ id: 'WebhookPayload' });
