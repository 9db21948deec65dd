import {
  replayWebhookDeliveriesSchema,
  webhookEndpointParams,
  webhookReplaySchema,
} from '@parley/protocol/webhook-schemas';
import { replayFailedDeliveries } from '../../../core/webhook/replay-deliveries.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentReplay } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const replayWebhookDeliveriesRoute = ({ webhooks }: Pick<RouteParts, 'webhooks'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id/replay',
    operationId: 'replayWebhookDeliveries',
    summary: 'Send all failed events since a time once more',
    description: 'The oldest first, at most 1,000 a call.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookEndpointParams,
    body: replayWebhookDeliveriesSchema,
    replies: { 202: webhookReplaySchema },
    errors: ['invalid_request', 'not_found'],
    handler: async (writers, { principal, params, body }) => {
      const endpointId = params.webhook_endpoint_id;
      const request = { principal, endpointId, since: Date.parse(body.since) };
      const tools = { wakeSender: webhooks.wakeSender };
      const replayed = await replayFailedDeliveries(writers, request, tools);
      return { status: 202, body: presentReplay(endpointId, replayed) };
    },
  });
