import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { lastFourOf } from '../access/key-secret.ts';
import { principalName } from '../access/principal.ts';
import { assertNeverEnds } from '../access/principal-end.ts';
import { assertWholeWorkspace } from '../access/role.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { type CallableAddress, checkEndpointUrl } from './endpoint-url.ts';
import { assertMayRead } from './event-scopes.ts';
import { withSecrets } from './find-endpoint.ts';
import { makeWebhookSecret } from './sign-payload.ts';
import type { EndpointWithSecrets, WebhookEndpoint } from './webhook-endpoint.ts';
import type { WebhookEventType } from './event-type.ts';

/** Enough for every program that listens; each event costs a delivery for each of them. */
const maxEndpoints = 20;

export type EndpointTools = { clock: Clock; address: CallableAddress };

/** The endpoint with the secret that signs for it, this once. */
export type MadeEndpoint = EndpointWithSecrets & { secret: string };

/**
 * Adds an endpoint. Throws invalid_request for an address that may not be called, insufficient_scope for events that the
 * principal may not read itself or not for as long, and plan_limit_reached.
 */
export const createEndpoint = async (
  writers: Writers,
  request: {
    principal: KeyManager;
    wanted: Pick<WebhookEndpoint, 'url' | 'description' | 'status'> & { events: readonly WebhookEventType[] };
  },
  { clock, address }: EndpointTools,
): Promise<MadeEndpoint> => {
  const { principal, wanted } = request;
  assertWholeWorkspace(principal);
  assertMayRead(principal, wanted.events);
  await assertNeverEnds(writers, principal, 'set up a webhook endpoint');
  checkEndpointUrl(wanted.url, address);
  const { workspaceId } = principal;
  if ((await writers.webhookEndpoints.list(workspaceId)).length >= maxEndpoints) {
    throw new ParleyError('plan_limit_reached', `A workspace has at most ${maxEndpoints} webhook endpoints.`);
  }
  const at = clock();
  const endpoint: WebhookEndpoint = {
    id: newId('hook'),
    workspaceId,
    ...wanted,
    events: [...new Set(wanted.events)],
    disabledReason: null,
    failingSince: null,
    createdAt: at,
    updatedAt: at,
  };
  await writers.webhookEndpoints.insert(endpoint);
  const secret = await addWebhookSecret(writers, endpoint, at);
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'webhook_endpoint.create',
    target: endpoint.id,
    // paths and queries of such addresses are secrets with many receivers
    detail: { origin: new URL(endpoint.url).origin, events: endpoint.events },
    at,
  });
  return { ...(await withSecrets(writers, endpoint, at)), secret };
};

/** A new secret, encrypted; what it is, this once. */
export const addWebhookSecret = async (
  { encryptedSecrets }: Pick<Writers, 'encryptedSecrets'>,
  endpoint: WebhookEndpoint,
  at: number,
): Promise<string> => {
  const secret = makeWebhookSecret();
  await encryptedSecrets.insert(
    {
      id: newId('secret'),
      workspaceId: endpoint.workspaceId,
      purpose: 'webhook_secret',
      subjectId: endpoint.id,
      lastFour: lastFourOf(secret),
      createdAt: at,
      expiresAt: null,
    },
    secret,
  );
  return secret;
};
