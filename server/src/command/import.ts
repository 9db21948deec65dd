import { resolve } from 'node:path';
import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets, type Secrets } from '../config/secrets.ts';
import { isFileError } from '../kit/file-error.ts';
import { openStore } from '../store/open-store.ts';
import { type CheckedFile, ExportFileError } from '../store/transfer/export-file.ts';
import { importWorkspace } from '../store/transfer/import-workspace.ts';
import { openTables } from '../store/transfer/open-tables.ts';
import { requireDatabase } from './claim-store.ts';
import { type Command, CommandError, exitCodes, UsageError } from './command.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';

/** What a workspace loses under another master secret. */
const lossesUnderOtherSecret = [
  'API keys: each must be rotated, which gives it a new secret',
  'secrets that are stored sealed (keys of providers, of webhooks and for user tokens): each must be entered anew',
  'stored answers that show a secret: a repeated request is refused',
];

/**
 * True where everything in the file that hangs on a master secret can be read here, by what the file says. One that holds
 * such rows and names no secret does not say it.
 */
const isOwn = ({ header, holdsSecrets }: CheckedFile, secrets: Secrets): boolean => {
  const { secret_fingerprints: needed } = header;
  if (needed.length === 0) return !holdsSecrets;
  return needed.every(
    (fingerprint) => fingerprint === secrets.fingerprint || fingerprint === secrets.previousFingerprint,
  );
};

/**
 * Adds what `export` wrote, while the server may be running. Started again after it was broken off, it goes on where it
 * was.
 */
export const importCommand: Command = async (args, terminal) => {
  const { values, positionals } = readFlags(
    args,
    { 'other-secret': { type: 'boolean' }, parent: { type: 'string' } },
    1,
  );
  const [file] = positionals;
  if (file === undefined) throw new UsageError('import needs the name of the file to read');
  const path = resolve(file);
  const config = readConfig(readEnv());
  await requireDatabase(config);
  const secrets = loadSecrets(config.secret, { create: false });
  const store = await openStore(config.store, { migrate: false });
  try {
    await requireOwnSecret(store, { config, secrets });
  } finally {
    await store.close();
  }
  const admit = (checked: CheckedFile): void => {
    if (isOwn(checked, secrets)) return;
    const losses = lossesUnderOtherSecret.map((loss) => `  ${loss}`).join('\n');
    if (!values['other-secret']) {
      throw new CommandError(
        `the export was made under another master secret than the one here. Either use that one here, or import with --other-secret, after which these do not work:\n${losses}`,
      );
    }
    terminal.note(`The export was made under another master secret. These do not work here:\n${losses}`);
  };
  const tables = openTables(config.store);
  try {
    const { header, rows, resumedAt } = await importWorkspace(tables, { path, parentId: values.parent ?? null, admit });
    const resumed = resumedAt > 0 ? `; an earlier import had written ${resumedAt} of them` : '';
    terminal.note(`added ${rows} rows of ${header.workspaces.join(', ')}${resumed}`);
    return exitCodes.done;
  } catch (error) {
    if (error instanceof ExportFileError) throw new CommandError(error.message, { cause: error });
    if (isFileError(error)) throw new CommandError(`${path} cannot be read (${error.code})`, { cause: error });
    throw error;
  } finally {
    await tables.close();
  }
};
