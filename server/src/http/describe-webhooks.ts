import { webhookEvents, webhookTestName } from '@parley/protocol/webhook-schemas';
import type { OpenAPIV3_1 } from 'openapi-types';

const payload = '#/components/schemas/WebhookPayload';

const headers = {
  'webhook-id': 'Names the event: the same at every attempt and in every replay.',
  'webhook-timestamp': 'When this attempt was signed, in seconds since 1970.',
  'webhook-signature': '`v1,` and the signature over id, timestamp and body; two of them while a secret is rotated.',
} as const;

/** What is sent to webhook endpoints, by event, as the description's own section for it. */
export const describeWebhooks = (): Record<string, OpenAPIV3_1.PathItemObject> =>
  Object.fromEntries(
    Object.entries({ ...webhookEvents, [webhookTestName]: 'Somebody has sent a test.' }).map(([type, text]) => [
      type,
      {
        post: {
          operationId: `webhook.${type}`,
          summary: type,
          description: text,
          tags: ['Administration'],
          security: [],
          parameters: Object.entries(headers).map(([name, description]) => ({
            name,
            in: 'header',
            required: true,
            description,
            schema: { type: 'string' },
          })),
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: payload } } } },
          responses: {
            '2XX': { description: 'It has arrived.' },
            '410': { description: 'The endpoint is gone for good: it is disabled.' },
          },
        },
      },
    ]),
  );
