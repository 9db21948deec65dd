import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import type { KeyManager } from '../access/key-grants.ts';
import type { Writers } from '../store.ts';
import { findEndpoint } from './find-endpoint.ts';
import { pendingDelivery, type WebhookDelivery } from './webhook-delivery.ts';

/** Sends the event `webhook.test` to an endpoint, disabled or not, whatever it listens to. Throws not_found. */
export const testEndpoint = async (
  writers: Writers,
  request: { principal: KeyManager; endpointId: string },
  tools: { clock: Clock; wakeSender: () => void },
): Promise<WebhookDelivery> => {
  const { id, workspaceId } = await findEndpoint(writers.webhookEndpoints, request.principal, request.endpointId);
  const at = tools.clock();
  const event = { eventId: newId('evt'), type: 'webhook.test', subjectId: id, eventAt: at } as const;
  const delivery = pendingDelivery({ workspaceId, endpointId: id, ...event }, at);
  await writers.webhookDeliveries.insert(delivery);
  writers.afterCommit(tools.wakeSender);
  return delivery;
};
