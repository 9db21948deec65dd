import { listOf } from '@parley/protocol/common-schemas';
import { webhookEndpointSchema } from '@parley/protocol/webhook-schemas';
import { listEndpoints } from '../../../core/webhook/find-endpoint.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList } from '../../present/list.ts';
import { presentEndpoint } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listWebhookEndpointsRoute = ({ readers, clock }: Pick<RouteParts, 'readers' | 'clock'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/webhook_endpoints',
    operationId: 'listWebhookEndpoints',
    summary: 'List webhook endpoints',
    description: 'All of them, newest first: there are at most 20. No secret is shown.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    replies: { 200: listOf(webhookEndpointSchema) },
    errors: [],
    handler: async ({ principal }) => {
      const items = await listEndpoints(readers, principal, clock());
      return {
        status: 200,
        body: presentList({ items, hasMore: false }, presentEndpoint),
      };
    },
  });
