import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertNeverEnds } from '../access/principal-end.ts';
import type { Writers } from '../store.ts';
import type { EndpointTools } from './create-endpoint.ts';
import { checkEndpointUrl } from './endpoint-url.ts';
import { assertMayRead } from './event-scopes.ts';
import { findEndpoint, withSecrets } from './find-endpoint.ts';
import type { EndpointWithSecrets, WebhookEndpoint } from './webhook-endpoint.ts';

export type EndpointChange = Partial<Pick<WebhookEndpoint, 'url' | 'description' | 'events' | 'status'>>;

/**
 * Changes an endpoint. One that is enabled, or sent elsewhere, begins anew: it is not failing. Throws not_found,
 * invalid_request, and insufficient_scope for events that the principal may not read itself or not for as long.
 */
export const updateEndpoint = async (
  writers: Writers,
  request: { principal: KeyManager; endpointId: string; change: EndpointChange },
  { clock, address }: EndpointTools,
): Promise<EndpointWithSecrets> => {
  const { principal, endpointId, change } = request;
  const before = await findEndpoint(writers.webhookEndpoints, principal, endpointId);
  if (change.url !== undefined) checkEndpointUrl(change.url, address);
  const widens = change.url !== undefined || change.events !== undefined || change.status === 'enabled';
  if (widens) {
    assertMayRead(principal, change.events ?? before.events);
    await assertNeverEnds(writers, principal, 'decide what a webhook endpoint is sent');
  }
  const at = clock();
  const anew = change.status !== undefined || change.url !== undefined;
  const status = change.status ?? before.status;
  const endpoint: WebhookEndpoint = {
    ...before,
    ...change,
    events: change.events ? [...new Set(change.events)] : before.events,
    failingSince: anew ? null : before.failingSince,
    disabledReason: status === 'enabled' || change.status !== undefined ? null : before.disabledReason,
    updatedAt: at,
  };
  await writers.webhookEndpoints.update(endpoint);
  await writers.audit.append({
    workspaceId: endpoint.workspaceId,
    actor: principalName(principal),
    action: 'webhook_endpoint.update',
    target: endpoint.id,
    detail: { fields: Object.keys(change), status },
    at,
  });
  return withSecrets(writers, endpoint, at);
};
