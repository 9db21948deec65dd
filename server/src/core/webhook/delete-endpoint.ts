import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import { findEndpoint } from './find-endpoint.ts';

/** Removes an endpoint with its secrets at once, and its deliveries in the background. Throws not_found. */
export const deleteEndpoint = async (
  writers: Writers,
  request: { principal: KeyManager; endpointId: string },
  clock: Clock,
): Promise<void> => {
  const { principal } = request;
  const { workspaceId, id } = await findEndpoint(writers.webhookEndpoints, principal, request.endpointId);
  const secrets = await writers.encryptedSecrets.list(workspaceId, { purpose: 'webhook_secret', subjectId: id });
  for (const secret of secrets) await writers.encryptedSecrets.remove(workspaceId, secret.id);
  await writers.webhookEndpoints.remove(workspaceId, id);
  await writers.jobs.enqueue({ workspaceId, kind: 'purge-webhook-endpoint', payload: { endpointId: id } });
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'webhook_endpoint.delete',
    target: id,
    detail: {},
    at: clock(),
  });
};
