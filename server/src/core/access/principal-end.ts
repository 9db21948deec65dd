import { ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import type { KeyManager } from './key-grants.ts';

/** When whoever asks ends themselves; null for never. Throws revoked_api_key. */
export const endOf = async (writers: Pick<Writers, 'keys'>, principal: KeyManager): Promise<number | null> => {
  if (principal.kind !== 'key') return null;
  const own = await writers.keys.find(principal.homeWorkspaceId ?? principal.workspaceId, principal.keyId);
  // revoked since the request came in
  if (!own) throw new ParleyError('revoked_api_key');
  return own.expiresAt;
};

/**
 * Refuses what lets somebody in, or tells somebody something, for as long as nobody takes it back, to a key that expires:
 * it would give more than it holds. `does`: what it cannot do, behind "A key that expires cannot". Throws
 * insufficient_scope and revoked_api_key.
 */
export const assertNeverEnds = async (
  writers: Pick<Writers, 'keys'>,
  principal: KeyManager,
  does: string,
): Promise<void> => {
  if ((await endOf(writers, principal)) === null) return;
  throw new ParleyError(
    'insufficient_scope',
    `A key that expires cannot ${does}, which would outlive it. Use one without \`expires_at\`.`,
  );
};
