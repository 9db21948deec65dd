import { existsSync } from 'node:fs';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { previousSecretPath, replaceSecretFile } from '../config/master-secret.ts';
import { loadSecrets } from '../config/secrets.ts';
import { openStore } from '../store/open-store.ts';
import { claimStore, requireDatabase } from './claim-store.ts';
import { type Command, CommandError, exitCodes } from './command.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';

/** Makes a new master secret in the file, for the next start to bring everything under. The server must be stopped. */
export const rotateSecret: Command = async (args, terminal) => {
  readFlags(args, {});
  const config = readConfig(readEnv());
  const { secret: source } = config;
  if (source.kind === 'given' || source.previous !== null) {
    throw new CommandError(
      'the secret comes from a variable: set PARLEY_SECRET to a new one and PARLEY_SECRET_PREVIOUS to the one in force, and start',
    );
  }
  await requireDatabase(config);
  const lock = claimStore(config);
  try {
    const secrets = loadSecrets(source, { create: false });
    const store = await openStore(config.store, { migrate: false });
    try {
      const standing = await requireOwnSecret(store, { config, secrets });
      if (standing === 'rotating') throw new CommandError('a rotation is under way: doctor says how far it is');
    } finally {
      await store.close();
    }
    const previousPath = previousSecretPath(source.path);
    if (secrets.previousFingerprint !== null && existsSync(previousPath)) {
      throw new CommandError(`remove ${previousPath} first: nothing stands under it any more`);
    }
    replaceSecretFile(source.path);
    terminal.note(`made a new secret in ${source.path}; the one in force until now is in ${previousPath}`);
    terminal.note(
      'Start the server: it brings everything under the new one. doctor says when the old one may be removed.',
    );
    terminal.note('Backups made until now still need the old one: keep it with them.');
    return exitCodes.done;
  } finally {
    lock.release();
  }
};
