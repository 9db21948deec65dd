import type { Clock } from '../../kit/clock.ts';
import type { KeyManager } from '../access/key-grants.ts';
import { principalName } from '../access/principal.ts';
import type { Writers } from '../store.ts';
import { findProvider } from './find-provider.ts';
import type { ForgetProvider } from './update-provider.ts';

/** Takes a provider away with its key. Bots that name it go on with their other models. Throws not_found. */
export const removeProvider = async (
  writers: Writers,
  { principal, providerId }: { principal: KeyManager; providerId: string },
  tools: { clock: Clock; forget: ForgetProvider },
): Promise<void> => {
  const provider = await findProvider(writers.providers, principal, providerId);
  await writers.providers.remove(provider.workspaceId, provider.id);
  await writers.encryptedSecrets.remove(provider.workspaceId, provider.secretId);
  await writers.audit.append({
    workspaceId: provider.workspaceId,
    actor: principalName(principal),
    action: 'provider.delete',
    target: provider.id,
    detail: { name: provider.name },
    at: tools.clock(),
  });
  writers.afterCommit(() => tools.forget(provider));
};
