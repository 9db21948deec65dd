import { webhookDeliveryParams, webhookDeliverySchema } from '@parley/protocol/webhook-schemas';
import { replayDelivery } from '../../../core/webhook/replay-deliveries.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDelivery } from '../../present/webhook.ts';
import type { RouteParts } from '../../route-parts.ts';

export const replayWebhookDeliveryRoute = ({ webhooks }: Pick<RouteParts, 'webhooks'>): Route =>
  defineChange({
    method: 'POST',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id/deliveries/:delivery_id/replay',
    operationId: 'replayWebhookDelivery',
    summary: 'Send an event once more',
    description:
      'With the same `webhook-id`, and what it is about as it is now. Its attempts count anew; one that waits is due at once.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookDeliveryParams,
    replies: { 202: webhookDeliverySchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const request = { principal, endpointId: params.webhook_endpoint_id, deliveryId: params.delivery_id };
      const replayed = await replayDelivery(writers, request, { wakeSender: webhooks.wakeSender });
      return { status: 202, body: presentDelivery(replayed) };
    },
  });
