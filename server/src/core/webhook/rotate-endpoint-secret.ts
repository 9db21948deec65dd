import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import { assertNeverEnds } from '../access/principal-end.ts';
import type { Writers } from '../store.ts';
import { addWebhookSecret, type MadeEndpoint } from './create-endpoint.ts';
import { findEndpoint, withSecrets } from './find-endpoint.ts';

/**
 * Gives an endpoint a new secret. Until the overlap ends each payload carries two signatures; a secret that was in an
 * overlap already ends now, so that there are never three. Throws not_found, and
 * insufficient_scope to a key that expires, which would get to know what outlives it.
 */
export const rotateEndpointSecret = async (
  writers: Writers,
  request: { principal: KeyManager; endpointId: string; overlapSeconds: number },
  clock: Clock,
): Promise<MadeEndpoint> => {
  const { principal, overlapSeconds } = request;
  const endpoint = await findEndpoint(writers.webhookEndpoints, principal, request.endpointId);
  await assertNeverEnds(writers, principal, 'get the secret of a webhook endpoint');
  const at = clock();
  const { workspaceId, id } = endpoint;
  const known = await writers.encryptedSecrets.list(workspaceId, { purpose: 'webhook_secret', subjectId: id });
  for (const { id: secretId, expiresAt } of known) {
    if (expiresAt === null && overlapSeconds > 0) {
      await writers.encryptedSecrets.end(workspaceId, secretId, at + overlapSeconds * 1_000);
    } else await writers.encryptedSecrets.remove(workspaceId, secretId);
  }
  const secret = await addWebhookSecret(writers, endpoint, at);
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'webhook_endpoint.rotate_secret',
    target: id,
    detail: { overlap_seconds: overlapSeconds },
    at,
  });
  return { ...(await withSecrets(writers, endpoint, at)), secret };
};
