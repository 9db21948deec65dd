import type { EncryptedSecretReader } from '../access/encrypted-secret-store.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { assertWholeWorkspace } from '../access/role.ts';
import { notFound } from '../error.ts';
import { type Page, pageOf, type PageRequest } from '../page.ts';
import type { EndpointWithSecrets, WebhookEndpoint, WebhookEndpointReader } from './webhook-endpoint.ts';

type EndpointReaders = {
  webhookEndpoints: Pick<WebhookEndpointReader, 'find' | 'list'>;
  encryptedSecrets: Pick<EncryptedSecretReader, 'list'>;
};

/** An endpoint of the principal's workspace; not_found otherwise. */
export const findEndpoint = async (
  endpoints: Pick<WebhookEndpointReader, 'find'>,
  principal: KeyManager,
  endpointId: string,
): Promise<WebhookEndpoint> => {
  assertWholeWorkspace(principal);
  const endpoint = await endpoints.find(principal.workspaceId, endpointId);
  if (!endpoint) throw notFound('webhook endpoint');
  return endpoint;
};

/** With the secrets that sign for it now. */
export const withSecrets = async (
  { encryptedSecrets }: Pick<EndpointReaders, 'encryptedSecrets'>,
  endpoint: WebhookEndpoint,
  now: number,
): Promise<EndpointWithSecrets> => {
  const secrets = await encryptedSecrets.list(endpoint.workspaceId, {
    purpose: 'webhook_secret',
    subjectId: endpoint.id,
  });
  return { endpoint, secrets: secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now) };
};

/** The endpoints of the principal's workspace, newest first. */
export const listEndpoints = async (
  readers: EndpointReaders,
  principal: KeyManager,
  { page, now }: { page: PageRequest; now: number },
): Promise<Page<EndpointWithSecrets>> => {
  assertWholeWorkspace(principal);
  const { items, hasMore } = pageOf(await readers.webhookEndpoints.list(principal.workspaceId), page);
  return { items: await Promise.all(items.map((endpoint) => withSecrets(readers, endpoint, now))), hasMore };
};
