import { listOf } from '@parley/protocol/common-schemas';
import { listWebhookEndpointsQuery, webhookEndpointSchema } from '@parley/protocol/webhook-schemas';
import { listEndpoints } from '../../../core/webhook/find-endpoint.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentEndpoint } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listWebhookEndpointsRoute = ({ readers, clock }: Pick<RouteParts, 'readers' | 'clock'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/webhook_endpoints',
    operationId: 'listWebhookEndpoints',
    summary: 'List webhook endpoints',
    description: 'Newest first; there are at most 20. No secret is shown.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    query: listWebhookEndpointsQuery,
    replies: { 200: listOf(webhookEndpointSchema) },
    errors: ['invalid_request'],
    handler: async ({ principal, query }) => {
      const page = await listEndpoints(readers, principal, { page: toPageRequest(query), now: clock() });
      return { status: 200, body: presentList(page, presentEndpoint) };
    },
  });
