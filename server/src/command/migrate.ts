import { existsSync } from 'node:fs';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets } from '../config/secrets.ts';
import { openSqliteStore } from '../store/sqlite/database.ts';
import { inspectSqlite } from '../store/sqlite/inspect.ts';
import { type Command, exitCodes } from './command.ts';
import { claimDataDir, makeDataDir } from './data-dir.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';

/** Brings the database up to date, making it where there is none, and starts nothing. */
export const migrate: Command = async (args, terminal) => {
  readFlags(args, {});
  const config = readConfig(readEnv());
  makeDataDir(config.dataDir);
  const lock = claimDataDir(config.dataDir);
  try {
    const secrets = loadSecrets(config.secret, { create: !existsSync(config.store.path) });
    const steps = existsSync(config.store.path) ? inspectSqlite(config.store.path).pendingMigrations : null;
    const store = await openSqliteStore({ path: config.store.path, migrate: true });
    try {
      await requireOwnSecret(store, config, secrets);
    } finally {
      await store.close();
    }
    if (steps === null) terminal.note(`made the database ${config.store.path}`);
    else if (steps.length === 0) terminal.note('the database is up to date');
    else terminal.note(`took ${steps.join(', ')}`);
    return exitCodes.done;
  } finally {
    lock.release();
  }
};
