import type { Config } from '../config/config.ts';
import { previousSecretPlace, secretPlace } from '../config/master-secret.ts';
import type { Secrets } from '../config/secrets.ts';
import { admitSecret, type SecretStanding } from '../core/installation/secret-rotation.ts';
import type { Store } from '../core/store.ts';
import { systemClock } from '../kit/clock.ts';
import { storePlace } from './claim-store.ts';
import { CommandError } from './command.ts';

/**
 * Refuses a database that stands under a master secret that was not given: no key of it would be known. `begin`: whether
 * a rotation may begin with this call.
 */
export const requireOwnSecret = async (
  store: Store,
  { config, secrets }: { config: Config; secrets: Secrets },
  { begin }: { begin: boolean } = { begin: false },
): Promise<SecretStanding> => {
  const { fingerprint: current, previousFingerprint: previous } = secrets;
  const standing = await admitSecret(store.transact, { current, previous }, { begin, clock: systemClock });
  const trouble = troubleWith(standing, config);
  if (trouble !== null) throw new CommandError(trouble);
  return standing;
};

const troubleWith = (standing: SecretStanding, config: Config): string | null => {
  const { secret } = config;
  const database = storePlace(config);
  const place = secretPlace(secret);
  const previousPlace = previousSecretPlace(secret);
  switch (standing) {
    case 'settled':
    case 'rotating':
      return null;
    case 'not_begun':
      return `the rotation to the secret in ${place} has not begun: start the server with it first`;
    case 'unfinished':
      return (
        `the rotation of the secret is not finished: part of the database in ${database} stands under another one than ` +
        `the secret in ${place}. Bring that one back to ${previousPlace}, and start again; doctor says when it may go`
      );
    case 'foreign':
      return (
        `the database in ${database} was made under another secret than the one in ${place}: ` +
        'bring back the secret that belongs to it, or no key of it will work'
      );
  }
};
