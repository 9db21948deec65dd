import { type Config, readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets } from '../config/secrets.ts';
import type { Store } from '../core/store.ts';
import { createEmbeddingModel } from '../model/create-embedding-model.ts';
import { openStore } from '../store/open-store.ts';
import { claimStore, inspectDatabase, storePlace } from './claim-store.ts';
import { type Command, exitCodes, type Terminal } from './command.ts';
import { describeFailure } from './describe-failure.ts';
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
    const store = await openStore(config.store, {
      migrate: true,
      onWarning: (text) => terminal.note(`warning: ${text}`),
    });
    try {
      await requireOwnSecret(store, { config, secrets });
      await setUpVectorSearch(store, config, terminal);
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

/** What servers under a role that creates nothing cannot do by themselves. */
const setUpVectorSearch = async (store: Store, { embeddings }: Config, terminal: Terminal): Promise<void> => {
  if (embeddings === null || embeddings.pgvector === 'off') return;
  const model = createEmbeddingModel(embeddings);
  try {
    await store.vectorDatabase?.keepUp(model.name, new AbortController().signal);
  } catch (error) {
    terminal.note(`warning: pgvector could not be brought up to date (${describeFailure(error).text})`);
  } finally {
    await model.close();
  }
};
