import { webhookDeliverySchema, webhookEndpointParams } from '@parley/protocol/webhook-schemas';
import { testEndpoint } from '../../../core/webhook/test-endpoint.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDelivery } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const testWebhookEndpointRoute = ({ clock, webhooks }: Pick<RouteParts, 'clock' | 'webhooks'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id/test',
    operationId: 'testWebhookEndpoint',
    summary: 'Send a test event',
    description:
      'Sends `webhook.test` once, whatever the endpoint listens to and even while it is disabled. How it went is in its deliveries a moment later.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookEndpointParams,
    replies: { 202: webhookDeliverySchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const tools = { clock, wakeSender: webhooks.wakeSender };
      const delivery = await testEndpoint(writers, { principal, endpointId: params.webhook_endpoint_id }, tools);
      return { status: 202, body: presentDelivery(delivery) };
    },
  });
