import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { type KeyTools, type KeyWithSecret, makeKeySecret } from './create-key.ts';
import { findKey } from './find-key.ts';
import type { Key } from './key.ts';
import { assertHoldsScopes, type KeyManager } from './key-grants.ts';
import { principalName } from './principal.ts';
import { endOf } from './principal-end.ts';

/** Secrets of one key that work at once: enough to roll out a rotation, few enough to compare with each request. */
const maxLiveSecrets = 5;

/**
 * Gives a key a new secret. Its id, limits and history stay, and the old secrets work until the overlap ends, if they do
 * not end sooner. Whoever rotates must hold what the key grants, and for as long, since they get to know its secret.
 */
export const rotateKey = async (
  writers: Writers,
  request: { principal: KeyManager; keyId: string; overlapSeconds: number },
  tools: KeyTools & { forget: (keyId: string) => void },
): Promise<KeyWithSecret> => {
  const { principal, keyId, overlapSeconds } = request;
  const key = await findKey(writers.keys, principal, keyId);
  assertHoldsScopes(principal, key.scopes);
  await assertLastsAsLong(writers, principal, key);
  const at = tools.clock();
  assertRotatable(key, at);
  const made = makeKeySecret(key, at, tools);
  await writers.keys.addSecret(key, made.stored, at + overlapSeconds * 1_000);
  await writers.audit.append({
    workspaceId: key.workspaceId,
    actor: principalName(principal),
    action: 'key.rotate',
    target: key.id,
    detail: { overlap_seconds: overlapSeconds },
    at,
  });
  writers.afterCommit(() => tools.forget(key.id));
  const rotated = await writers.keys.find(key.workspaceId, key.id);
  return { key: rotated ?? key, secret: made.secret };
};

const assertLastsAsLong = async (writers: Writers, principal: KeyManager, key: Key): Promise<void> => {
  const endsAt = await endOf(writers, principal);
  if (endsAt === null || (key.expiresAt !== null && key.expiresAt <= endsAt)) return;
  throw new ParleyError('insufficient_scope', 'A key that expires cannot rotate one that outlives it.', {
    param: 'key_id',
  });
};

const assertRotatable = (key: Key, now: number): void => {
  if (key.expiresAt !== null && key.expiresAt <= now) {
    throw new ParleyError('invalid_request', 'This key has expired, and a new secret would not work. Make a new key.', {
      param: 'key_id',
    });
  }
  const live = key.secrets.filter((secret) => secret.expiresAt === null || secret.expiresAt > now);
  if (live.length >= maxLiveSecrets) {
    throw new ParleyError(
      'invalid_request',
      `${maxLiveSecrets} secrets of this key work at the moment. End the overlap with finish-rotation, then rotate again.`,
      { param: 'key_id' },
    );
  }
};
