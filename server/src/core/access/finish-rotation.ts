import type { Clock } from '../../kit/clock.ts';
import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { findKey } from './find-key.ts';
import type { Key } from './key.ts';
import { assertCoversKey, type KeyManager } from './key-grants.ts';
import { principalName } from './principal.ts';

/** Ends the overlap of a rotation now: only the newest secret works from here on. Nothing happens where there is none. */
export const finishRotation = async (
  writers: Writers,
  request: { principal: KeyManager; keyId: string },
  tools: { clock: Clock; forget: (keyId: string) => void },
): Promise<Key> => {
  const { principal, keyId } = request;
  const key = await findKey(writers.keys, principal, keyId);
  assertCoversKey(principal, key);
  const [newest, ...others] = key.secrets;
  if (!newest) throw new ParleyError('internal_error');
  if (others.length === 0) return key;
  const at = tools.clock();
  await writers.keys.endOtherSecrets(key, newest.id, at);
  await writers.audit.append({
    workspaceId: key.workspaceId,
    actor: principalName(principal),
    action: 'key.finish_rotation',
    target: key.id,
    detail: { ended_secrets: others.length },
    at,
  });
  writers.afterCommit(() => tools.forget(key.id));
  return { ...key, secrets: [newest] };
};
