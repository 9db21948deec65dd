import { KeyAuthenticator } from '../core/access/authenticate-key.ts';
import type { HashedSecret } from '../core/access/key-store.ts';
import { createLastUses } from '../core/access/last-uses.ts';
import type { Transact } from '../core/store.ts';
import type { PlanCatalogue } from '../core/usage/plan-catalogue.ts';
import { systemClock } from '../kit/clock.ts';
import type { Environment } from './environment.ts';

/** Tells who is behind a key, and notes when each was last used. */
export const createAuthenticator = (environment: Environment, parts: { plans: PlanCatalogue; transact: Transact }) => {
  const { secrets, logger, store } = environment;
  const pepper = Buffer.from(secrets.keyFor('key-pepper'));
  const lastUses = createLastUses({
    transact: store.transact,
    clock: systemClock,
    onError: (error) => logger.warn({ err: error }, 'the last uses of keys could not be noted'),
  });
  const authenticator = new KeyAuthenticator({
    readers: store.readers,
    pepper,
    ...previousPepper(environment, parts.transact),
    plans: parts.plans,
    lastUses,
    clock: systemClock,
  });
  return { authenticator, pepper, lastUses };
};

/** What the authenticator knows of a master secret that is being replaced. */
const previousPepper = ({ secrets, logger }: Environment, transact: Transact) => {
  const [, pepper] = secrets.keysFor('key-pepper');
  if (!pepper) return {};
  const replaceHash = (secret: HashedSecret, hash: string): void => {
    transact((writers) => writers.keys.replaceHash(secret, hash)).catch((error: unknown) =>
      logger.warn({ err: error }, 'a key could not be brought under the current secret yet'),
    );
  };
  return { previous: { pepper, replaceHash } };
};
