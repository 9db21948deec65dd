import type { Clock } from '../../kit/clock.ts';
import type { Writers } from '../store.ts';
import { findKey } from './find-key.ts';
import { assertCoversKey, type KeyManager } from './key-grants.ts';
import { principalName } from './principal.ts';

/**
 * Ends a key for good, with all its secrets. Throws not_found, and insufficient_scope where the key may do more than the
 * principal, which is not itself.
 */
export const revokeKey = async (
  writers: Writers,
  request: { principal: KeyManager; keyId: string },
  tools: { clock: Clock; forget: (keyId: string) => void },
): Promise<void> => {
  const { principal, keyId } = request;
  const key = await findKey(writers.keys, principal, keyId);
  assertCoversKey(principal, key);
  const at = tools.clock();
  await writers.keys.revoke(key.workspaceId, key.id, at);
  await writers.audit.append({
    workspaceId: key.workspaceId,
    actor: principalName(principal),
    action: 'key.revoke',
    target: key.id,
    detail: { name: key.name },
    at,
  });
  writers.afterCommit(() => tools.forget(key.id));
};
