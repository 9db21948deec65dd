import type { Config } from '../config/config.ts';
import { secretPlace } from '../config/master-secret.ts';
import type { Secrets } from '../config/secrets.ts';
import { checkFingerprint } from '../core/installation/check-fingerprint.ts';
import type { Store } from '../core/store.ts';
import { CommandError } from './command.ts';

/** Refuses a database that was made under another master secret: no key of it would be known. */
export const requireOwnSecret = async (store: Store, config: Config, secrets: Secrets): Promise<void> => {
  if (await checkFingerprint(store.transact, secrets.fingerprint)) return;
  throw new CommandError(
    `the database in ${config.dataDir} was made under another secret than the one in ${secretPlace(config.secret)}: ` +
      'bring back the secret that belongs to it, or no key of it will work',
  );
};
