import {
  rotateWebhookSecretBody,
  rotateWebhookSecretSchema,
  webhookEndpointParams,
  webhookEndpointWithSecretSchema,
} from '@parley/protocol/webhook-schemas';
import { rotateEndpointSecret } from '../../../core/webhook/rotate-endpoint-secret.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentMadeEndpoint } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const rotateWebhookSecretRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id/rotate_secret',
    operationId: 'rotateWebhookSecret',
    summary: 'Give a webhook endpoint a new secret',
    description:
      'Until the overlap ends every payload carries two signatures, one for each secret. Rotating again within an overlap ends the older of the two at once. This needs a key that does not expire.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    secret: true,
    params: webhookEndpointParams,
    body: rotateWebhookSecretBody,
    replies: { 200: webhookEndpointWithSecretSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params, body }) => {
      const { overlap_seconds: overlapSeconds } = body ?? rotateWebhookSecretSchema.parse({});
      const endpointId = params.webhook_endpoint_id;
      const made = await rotateEndpointSecret(writers, { principal, endpointId, overlapSeconds }, clock);
      return { status: 200, body: presentMadeEndpoint(made) };
    },
  });
