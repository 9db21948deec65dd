import type { Keyring } from '../kit/seal.ts';
import type { Secrets } from './secrets.ts';

/**
 * The ring under which encrypted secrets stand, with the key of a master secret that is being replaced. A key's id follows
 * from its master secret, so that two never share one.
 */
export const sealingKeyring = (secrets: Secrets): Keyring => {
  const [key, previousKey] = secrets.keysFor('secret-sealing');
  const current = keyIdOf(secrets.fingerprint);
  const keys = new Map([[current, key]]);
  if (previousKey && secrets.previousFingerprint !== null) keys.set(keyIdOf(secrets.previousFingerprint), previousKey);
  return { current, keys };
};

const keyIdOf = (fingerprint: string): number => Number.parseInt(fingerprint.slice(0, 8), 16);
