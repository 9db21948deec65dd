import { webhookEndpointParams, webhookEndpointSchema } from '@parley/protocol/webhook-schemas';
import { findEndpoint, withSecrets } from '../../../core/webhook/find-endpoint.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentEndpoint } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const getWebhookEndpointRoute = ({ readers, clock }: Pick<RouteParts, 'readers' | 'clock'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id',
    operationId: 'getWebhookEndpoint',
    summary: 'Read a webhook endpoint',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookEndpointParams,
    replies: { 200: webhookEndpointSchema },
    errors: ['not_found'],
    handler: async ({ principal, params }) => {
      const endpoint = await findEndpoint(readers.webhookEndpoints, principal, params.webhook_endpoint_id);
      return { status: 200, body: presentEndpoint(await withSecrets(readers, endpoint, clock())) };
    },
  });
