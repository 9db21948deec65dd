import type { Transact } from '../store.ts';
import { secretFingerprintName } from './installation-settings.ts';

/**
 * True where the store was made with this master secret, which is noted at the first start. With another one no API key
 * would be known again and nothing sealed could be opened.
 */
export const checkFingerprint = (transact: Transact, fingerprint: string): Promise<boolean> =>
  transact(async ({ settings }) => {
    const known = await settings.get(secretFingerprintName);
    if (known === null) await settings.set(secretFingerprintName, fingerprint);
    return known === null || known === fingerprint;
  });
