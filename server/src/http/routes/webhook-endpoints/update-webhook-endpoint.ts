import {
  updateWebhookEndpointSchema,
  webhookEndpointParams,
  webhookEndpointSchema,
} from '@parley/protocol/webhook-schemas';
import { type EndpointChange, updateEndpoint } from '../../../core/webhook/update-endpoint.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentEndpoint } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const updateWebhookEndpointRoute = ({ clock, webhooks }: Pick<RouteParts, 'clock' | 'webhooks'>): Route =>
  defineChange({
    method: 'PATCH',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id',
    operationId: 'updateWebhookEndpoint',
    summary: 'Change a webhook endpoint',
    description:
      'What waits for a disabled endpoint is given up when its next attempt is due, and may be replayed once it is enabled again. Another address, other events and enabling need a key that does not expire.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookEndpointParams,
    body: updateWebhookEndpointSchema,
    replies: { 200: webhookEndpointSchema },
    errors: ['invalid_request', 'not_found'],
    handler: async (writers, { principal, params, body }) => {
      // a field that is left out is no field: undefined would overwrite
      const change = Object.fromEntries(
        Object.entries(body).filter(([, value]) => value !== undefined),
      ) as EndpointChange;
      const endpointId = params.webhook_endpoint_id;
      const tools = { clock, address: webhooks.address };
      const updated = await updateEndpoint(writers, { principal, endpointId, change }, tools);
      return { status: 200, body: presentEndpoint(updated) };
    },
  });
