import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { lastFourOf } from '../access/key-secret.ts';
import { principalName } from '../access/principal.ts';
import { assertWholeWorkspace } from '../access/role.ts';
import type { KnownModels } from '../bot/known-models.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import type { Provider, WorkspaceProviderType } from './provider.ts';

/** Enough for one of each kind and some to try. */
const maxProviders = 20;

export type NewProvider = {
  name: string;
  type: WorkspaceProviderType;
  baseUrl: string | null;
  key: string;
};

/** Where an address may not be called, or not in this dialect, why not; null where it may. */
export type ProblemOfAddress = (at: { type: WorkspaceProviderType; url: string }) => string | null;

/** Refuses, before anything is asked or stored, what could never be saved. */
export const checkNewProvider = (
  principal: KeyManager,
  wanted: Pick<NewProvider, 'name' | 'type' | 'baseUrl'>,
  { models, problemOf }: { models: KnownModels; problemOf: ProblemOfAddress },
): void => {
  assertWholeWorkspace(principal);
  if (models.isProvider(wanted.name)) {
    throw new ParleyError('already_exists', `The operator has a provider named ${wanted.name}: choose another name.`, {
      param: 'name',
    });
  }
  checkAddress(wanted, problemOf);
};

/** Refuses an address that a tenant named and that may not be used; null is the vendor's own. Throws invalid_request. */
export const checkAddress = (
  { type, baseUrl }: Pick<NewProvider, 'type' | 'baseUrl'>,
  problemOf: ProblemOfAddress,
): void => {
  const problem = baseUrl === null ? null : problemOf({ type, url: baseUrl });
  if (problem !== null) {
    throw new ParleyError('invalid_request', `\`base_url\` cannot be used: ${problem}.`, { param: 'base_url' });
  }
};

/**
 * Gives a workspace a model provider of its own. Throws already_exists, plan_limit_reached, and what `checkNewProvider`
 * throws.
 */
export const createProvider = async (
  writers: Writers,
  { principal, wanted }: { principal: KeyManager; wanted: NewProvider },
  clock: Clock,
): Promise<Provider> => {
  const { workspaceId } = principal;
  if ((await writers.providers.count(workspaceId)) >= maxProviders) {
    throw new ParleyError('plan_limit_reached', `A workspace has at most ${maxProviders} providers.`);
  }
  const at = clock();
  const { key, ...fields } = wanted;
  const secretId = newId('secret');
  const provider: Provider = {
    id: newId('prov'),
    workspaceId,
    ...fields,
    secretId,
    lastFour: lastFourOf(key),
    createdAt: at,
    updatedAt: at,
  };
  if (!(await writers.providers.insert(provider))) {
    throw new ParleyError('already_exists', `There is a provider named ${wanted.name}.`, { param: 'name' });
  }
  await storeProviderKey(writers, provider, key);
  await writers.audit.append({
    workspaceId,
    actor: principalName(principal),
    action: 'provider.create',
    target: provider.id,
    detail: { name: provider.name, type: provider.type, base_url: provider.baseUrl },
    at,
  });
  return provider;
};

/** Puts the key of a provider, as `secretId` names it, where it is encrypted. */
export const storeProviderKey = (
  { encryptedSecrets }: Pick<Writers, 'encryptedSecrets'>,
  provider: Provider,
  key: string,
): Promise<void> =>
  encryptedSecrets.insert(
    {
      id: provider.secretId,
      workspaceId: provider.workspaceId,
      purpose: 'provider_key',
      subjectId: provider.id,
      lastFour: provider.lastFour,
      createdAt: provider.updatedAt,
      expiresAt: null,
    },
    key,
  );
