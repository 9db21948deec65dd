import { readConfig } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { loadSecrets } from '../config/secrets.ts';
import { createOperatorKey } from '../core/access/create-key.ts';
import { type Scope, scopes } from '../core/access/scope.ts';
import type { Writers } from '../core/store.ts';
import type { Workspace } from '../core/workspace/workspace.ts';
import { systemClock } from '../kit/clock.ts';
import { openStore } from '../store/open-store.ts';
import { requireDatabase } from './claim-store.ts';
import { type Command, CommandError, exitCodes, UsageError } from './command.ts';
import { readExpiry } from './read-expiry.ts';
import { readFlags } from './read-flags.ts';
import { requireOwnSecret } from './require-own-secret.ts';

const maxNameCharacters = 200;

const isScope = (text: string): text is Scope => scopes.some((scope) => scope === text);

/** `a, b` → [a, b] */
const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const readScopes = (text: string | undefined): Scope[] => {
  const wanted = listOf(text ?? '');
  const unknown = wanted.find((scope) => !isScope(scope));
  if (unknown !== undefined) throw new UsageError(`--scopes has ${unknown}: it knows ${scopes.join(', ')}`);
  if (wanted.length === 0) throw new UsageError('--scopes is missing: all, or scopes separated by commas');
  return wanted.filter(isScope);
};

const readKeyFlags = (args: string[]) => {
  const { values } = readFlags(args, {
    name: { type: 'string' },
    scopes: { type: 'string' },
    workspace: { type: 'string' },
    bots: { type: 'string' },
    expires: { type: 'string' },
    test: { type: 'boolean' },
  });
  const name = values.name?.trim() ?? '';
  if (name === '' || name.length > maxNameCharacters) {
    throw new UsageError(`--name is missing, or longer than ${maxNameCharacters} characters`);
  }
  return {
    name,
    type: values.test ? ('test' as const) : ('live' as const),
    scopes: readScopes(values.scopes),
    botIds: values.bots === undefined ? null : listOf(values.bots),
    expiresAt: values.expires === undefined ? null : readExpiry(values.expires, systemClock()),
    workspaceId: values.workspace,
  };
};

const requireWorkspace = async (writers: Writers, workspaceId: string | undefined): Promise<Workspace> => {
  const found = await (workspaceId === undefined
    ? writers.workspaces.findDefault()
    : writers.workspaces.find(workspaceId));
  if (found) return found;
  throw new CommandError(
    workspaceId === undefined ? 'there is no workspace yet: run start once' : `there is no workspace ${workspaceId}`,
  );
};

const requireBots = async (writers: Writers, workspaceId: string, botIds: readonly string[]): Promise<void> => {
  for (const botId of botIds) {
    if (!(await writers.bots.find(workspaceId, botId)))
      throw new CommandError(`there is no bot ${botId} in ${workspaceId}`);
  }
};

/** Prints one secret and nothing else. Works while the server runs; never changes the schema under it. */
export const createKey: Command = async (args, terminal) => {
  const { workspaceId, ...wanted } = readKeyFlags(args);
  const config = readConfig(readEnv());
  await requireDatabase(config);
  const secrets = loadSecrets(config.secret, { create: false });
  const store = await openStore(config.store, { migrate: false });
  try {
    await requireOwnSecret(store, { config, secrets });
    const { secret } = await store.transact(async (writers) => {
      const workspace = await requireWorkspace(writers, workspaceId);
      await requireBots(writers, workspace.id, wanted.botIds ?? []);
      return createOperatorKey(
        writers,
        { ...wanted, workspaceId: workspace.id },
        { pepper: secrets.keyFor('key-pepper'), clock: systemClock },
      );
    });
    terminal.answer(secret);
    return exitCodes.done;
  } finally {
    await store.close();
  }
};
