import { listOf } from '@parley/protocol/common-schemas';
import {
  listWebhookDeliveriesQuery,
  webhookDeliverySchema,
  webhookEndpointParams,
} from '@parley/protocol/webhook-schemas';
import { listDeliveries } from '../../../core/webhook/list-deliveries.ts';
import { defineRoute, type Route } from '../../define-route.ts';
import { presentList, toPageRequest } from '../../present/list.ts';
import { presentDelivery } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const listWebhookDeliveriesRoute = ({ readers }: Pick<RouteParts, 'readers'>): Route =>
  defineRoute({
    method: 'GET',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id/deliveries',
    operationId: 'listWebhookDeliveries',
    summary: 'List what was sent to a webhook endpoint',
    description: 'Newest first, kept for 30 days. Payloads and answers are not kept.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookEndpointParams,
    query: listWebhookDeliveriesQuery,
    replies: { 200: listOf(webhookDeliverySchema) },
    errors: ['invalid_request', 'not_found'],
    handler: async ({ principal, params, query }) => {
      const filter = { status: query.status ?? null, type: query.event_type ?? null };
      const request = { principal, endpointId: params.webhook_endpoint_id, filter };
      const page = await listDeliveries(readers, request, toPageRequest(query));
      return { status: 200, body: presentList(page, presentDelivery) };
    },
  });
