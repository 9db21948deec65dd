import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets } from '../config/secrets.ts';
import { openStore } from '../store/open-store.ts';
import { claimStore, inspectDatabase, storePlace } from './claim-store.ts';
import { type Command, exitCodes } from './command.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';

/** Brings the database up to date, making it where there is none, and starts nothing. */
export const migrate: Command = async (args, terminal) => {
  readFlags(args, {});
  const config = readConfig(readEnv());
  const lock = claimStore(config);
  try {
    const found = await inspectDatabase(config);
    const secrets = loadSecrets(config.secret, { create: found === null });
    const store = await openStore(config.store, { migrate: true });
    try {
      await requireOwnSecret(store, { config, secrets });
    } finally {
      await store.close();
    }
    const steps = found?.pendingMigrations ?? [];
    if (found === null) terminal.note(`made the database in ${storePlace(config)}`);
    else if (steps.length === 0) terminal.note('the database is up to date');
    else terminal.note(`took ${steps.join(', ')}`);
    return exitCodes.done;
  } finally {
    lock.release();
  }
};
