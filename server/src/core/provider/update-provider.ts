import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import type { EncryptedSecretReader } from '../access/encrypted-secret-store.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { lastFourOf } from '../access/key-secret.ts';
import { principalName } from '../access/principal.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { storeProviderKey } from './create-provider.ts';
import { findProvider } from './find-provider.ts';
import { addressOf, type Provider, type ProviderReader } from './provider.ts';
import type { ProviderAccess } from './check-provider.ts';

/** What is left out stays as it is; a null address is the vendor's own. */
export type ProviderChange = { baseUrl?: string | null; key?: string };

/** Drops what is remembered of a workspace's provider. */
export type ForgetProvider = (provider: Pick<Provider, 'workspaceId' | 'name'>) => void;

/**
 * The key goes where it was meant to go: with another address it has to be sent again, or whoever may change the address
 * could have it sent to themselves.
 */
const assertKeyGiven = (provider: Provider, change: ProviderChange): void => {
  if (change.key !== undefined || change.baseUrl === undefined || change.baseUrl === provider.baseUrl) return;
  throw new ParleyError('invalid_request', 'Another `base_url` needs the `api_key` that belongs to it.', {
    param: 'api_key',
  });
};

/** How a provider would be asked after the change, or as it is. Throws not_found and invalid_request. */
export const accessOf = async (
  readers: { providers: Pick<ProviderReader, 'find'>; encryptedSecrets: Pick<EncryptedSecretReader, 'reveal'> },
  { principal, providerId }: { principal: KeyManager; providerId: string },
  change: ProviderChange = {},
): Promise<ProviderAccess> => {
  const provider = await findProvider(readers.providers, principal, providerId);
  assertKeyGiven(provider, change);
  const { workspaceId, secretId, type } = provider;
  const key = change.key ?? (await readers.encryptedSecrets.reveal(workspaceId, secretId));
  if (key === null) throw new ParleyError('internal_error', undefined, { cause: new Error(`no secret ${secretId}`) });
  const baseUrl = change.baseUrl === undefined ? provider.baseUrl : change.baseUrl;
  return { type, url: addressOf({ type, baseUrl }), key };
};

/** Changes address or key of a provider. Throws not_found and invalid_request. */
export const updateProvider = async (
  writers: Writers,
  request: { principal: KeyManager; providerId: string; change: ProviderChange },
  tools: { clock: Clock; forget: ForgetProvider },
): Promise<Provider> => {
  const { principal, providerId, change } = request;
  const provider = await findProvider(writers.providers, principal, providerId);
  assertKeyGiven(provider, change);
  const { key } = change;
  const at = tools.clock();
  const changed: Provider = {
    ...provider,
    ...(change.baseUrl === undefined ? {} : { baseUrl: change.baseUrl }),
    ...(key === undefined ? {} : { secretId: newId('secret'), lastFour: lastFourOf(key) }),
    updatedAt: at,
  };
  await writers.providers.update(changed);
  if (key !== undefined) {
    await writers.encryptedSecrets.remove(provider.workspaceId, provider.secretId);
    await storeProviderKey(writers, changed, key);
  }
  await writers.audit.append({
    workspaceId: provider.workspaceId,
    actor: principalName(principal),
    action: 'provider.update',
    target: provider.id,
    detail: { base_url: changed.baseUrl, new_key: key !== undefined },
    at,
  });
  writers.afterCommit(() => tools.forget(changed));
  return changed;
};
