import { notFound } from '../error.ts';
import type { Key } from './key.ts';
import { parseSecret } from './key-secret.ts';
import type { KeyReader } from './key-store.ts';

/**
 * A publishable key that works, by its id or by one of its secrets, with the secret to use. Whoever opens a page that shows
 * it need not be known: neither is a secret. Throws not_found.
 */
export const findPublishableKey = async (
  keys: Pick<KeyReader, 'findForSecret'>,
  named: string,
  now: number,
): Promise<{ key: Key; secret: string }> => {
  const keyId = parseSecret(named)?.keyId ?? named;
  const key = await keys.findForSecret(keyId);
  const isOver = key === null || key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now);
  if (isOver || key.type !== 'publishable') throw notFound('publishable key');
  const live = key.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  const chosen = named === keyId ? live[0] : live.find(({ publicSecret }) => publicSecret === named);
  if (chosen?.publicSecret == null) throw notFound('publishable key');
  return { key, secret: chosen.publicSecret };
};
