import type { KeyManager } from '../access/key-grants.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Readers } from '../store.ts';
import { findEndpoint } from './find-endpoint.ts';
import type { DeliveryFilter, WebhookDelivery } from './webhook-delivery.ts';

/** What was sent to an endpoint, newest first. Throws not_found. */
export const listDeliveries = async (
  readers: Pick<Readers, 'webhookEndpoints' | 'webhookDeliveries'>,
  request: { principal: KeyManager; endpointId: string; filter: DeliveryFilter },
  page: PageRequest,
): Promise<Page<WebhookDelivery>> => {
  const { workspaceId, id } = await findEndpoint(readers.webhookEndpoints, request.principal, request.endpointId);
  return readers.webhookDeliveries.list({ workspaceId, endpointId: id }, request.filter, page);
};
