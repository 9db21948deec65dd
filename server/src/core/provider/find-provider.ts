import type { KeyManager } from '../access/key-grants.ts';
import { assertWholeWorkspace } from '../access/role.ts';
import { notFound } from '../error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Provider, ProviderReader } from './provider.ts';

/** A provider of the principal's workspace; not_found otherwise. */
export const findProvider = async (
  providers: Pick<ProviderReader, 'find'>,
  principal: KeyManager,
  providerId: string,
): Promise<Provider> => {
  assertWholeWorkspace(principal);
  const provider = await providers.find(principal.workspaceId, providerId);
  if (!provider) throw notFound('provider');
  return provider;
};

/** The providers of the principal's workspace, newest first. */
export const listProviders = async (
  providers: Pick<ProviderReader, 'list'>,
  principal: KeyManager,
  page: PageRequest,
): Promise<Page<Provider>> => {
  assertWholeWorkspace(principal);
  return providers.list(principal.workspaceId, page);
};
