import { deletedSchema } from '@parley/protocol/common-schemas';
import { webhookEndpointParams } from '@parley/protocol/webhook-schemas';
import { deleteEndpoint } from '../../../core/webhook/delete-endpoint.ts';
import { defineChange, type Route } from '../../define-route.ts';
import { presentDeleted } from '../../present/deleted.ts';
import type { RouteParts } from '../../route-parts.ts';

export const deleteWebhookEndpointRoute = ({ clock }: Pick<RouteParts, 'clock'>): Route =>
  defineChange({
    method: 'DELETE',
    path: '/v1/webhook_endpoints/:webhook_endpoint_id',
    operationId: 'deleteWebhookEndpoint',
    summary: 'Remove a webhook endpoint',
    description: 'Its secrets go at once; the log of what was sent to it follows in the background.',
    tag: 'Administration',
    access: { principals: ['key', 'session'], scope: 'admin' },
    params: webhookEndpointParams,
    replies: { 200: deletedSchema },
    errors: ['not_found'],
    handler: async (writers, { principal, params }) => {
      const endpointId = params.webhook_endpoint_id;
      await deleteEndpoint(writers, { principal, endpointId }, clock);
      return { status: 200, body: presentDeleted('webhook_endpoint', endpointId) };
    },
  });
