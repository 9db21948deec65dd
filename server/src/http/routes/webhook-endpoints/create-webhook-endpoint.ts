import { createWebhookEndpointSchema, webhookEndpointWithSecretSchema } from '@parley/protocol/webhook-schemas';
import { createEndpoint } from '../../../core/webhook/create-endpoint.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentMadeEndpoint } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const createWebhookEndpointRoute = ({ clock, webhooks }: Pick<RouteParts, 'clock' | 'webhooks'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/webhook_endpoints',
    operationId: 'createWebhookEndpoint',
    summary: 'Add a webhook endpoint',
    description:
      'Events are sent to it from now on, signed as Standard Webhooks has it. The secret is in this answer and nowhere else. A workspace has at most 20. A key that expires adds none, since an endpoint does not.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    secret: true,
    body: createWebhookEndpointSchema,
    replies: { 201: webhookEndpointWithSecretSchema },
    errors: ['invalid_request', 'plan_limit_reached'],
    handler: async (writers, { principal, body }) => {
      const tools = { clock, address: webhooks.address };
      const made = await createEndpoint(writers, { principal, wanted: body }, tools);
      return { status: 201, body: presentMadeEndpoint(made) };
    },
  });
