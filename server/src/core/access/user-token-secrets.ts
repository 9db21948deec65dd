import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { findBot } from '../bot/find-bot.ts';
import { notFound, ParleyError } from '../error.ts';
import type { Readers, Writers } from '../store.ts';
import type { EncryptedSecret, EncryptedSecretReader } from './encrypted-secret-store.ts';
import type { KeyManager } from './key-grants.ts';
import { principalName } from './principal.ts';
import { endOf } from './principal-end.ts';
import { covers, type Scope } from './scope.ts';

type Asked = { principal: KeyManager; botId: string };
type Tools = { clock: Clock; forget: (botId: string) => void };

/** With these a customer's server signs for its users; a bot has several while one replaces another. */
const purpose = 'user_token_secret';
/** Secrets of one bot that work at once: each may have to be tried on a token. */
const maxLive = 5;
/** As long as what HMAC-SHA-256 gives (RFC 7518, 3.2: a key of that size or more). */
const secretBytes = 32;

/** What a known user may do. Whoever has a secret can be any of them. */
const scopesOfUsers: readonly Scope[] = ['chat', 'conversations:read'];

/** Refuses secrets to who holds less than they give; known users are of live mode. */
const assertHoldsUsers = (principal: KeyManager): void => {
  if (principal.mode !== 'live') {
    throw new ParleyError('insufficient_scope', 'Known users are of live mode: this needs a live key.');
  }
  const missing = scopesOfUsers.find((scope) => !covers(principal.scopes, scope));
  if (missing === undefined) return;
  throw new ParleyError(
    'insufficient_scope',
    `Whoever has such a secret speaks and reads as any user of the bot: this needs the scope \`${missing}\`.`,
  );
};

const isLive = ({ expiresAt }: EncryptedSecret, now: number): boolean => expiresAt === null || expiresAt > now;

const listLive = async (
  secrets: EncryptedSecretReader,
  of: { workspaceId: string; botId: string },
  now: number,
): Promise<EncryptedSecret[]> => {
  const all = await secrets.list(of.workspaceId, { purpose, subjectId: of.botId });
  return all.filter((secret) => isLive(secret, now));
};

/** Those that work, newest first. Throws not_found. */
export const listUserTokenSecrets = async (
  readers: Pick<Readers, 'bots' | 'encryptedSecrets'>,
  { principal, botId }: Asked,
  clock: Clock,
): Promise<EncryptedSecret[]> => {
  const bot = await findBot(readers.bots, principal, botId);
  return listLive(readers.encryptedSecrets, { workspaceId: bot.workspaceId, botId }, clock());
};

/**
 * When a secret that the principal makes ends: with the principal, who could be any user for longer otherwise. Refuses to
 * put one that ends in the place of one that lasts longer, since a bot's known users would go with it.
 */
const allowedEnd = async (
  writers: Pick<Writers, 'keys'>,
  principal: KeyManager,
  replaced: readonly EncryptedSecret[],
): Promise<number | null> => {
  const endsAt = await endOf(writers, principal);
  if (endsAt !== null && replaced.some(({ expiresAt }) => expiresAt === null || expiresAt > endsAt)) {
    throw new ParleyError('insufficient_scope', 'A key that expires cannot replace a secret that outlives it.');
  }
  return endsAt;
};

/**
 * Makes a secret for the bot, which ends with the key that makes it; those that it has go on working until the overlap
 * ends, if they do not end sooner. Throws not_found, insufficient_scope, and invalid_request where too many work already.
 */
export const createUserTokenSecret = async (
  writers: Writers,
  { principal, botId, overlapSeconds }: Asked & { overlapSeconds: number },
  { clock, forget }: Tools,
): Promise<{ secret: EncryptedSecret; value: string }> => {
  assertHoldsUsers(principal);
  const { workspaceId } = await findBot(writers.bots, principal, botId);
  const at = clock();
  const known = await writers.encryptedSecrets.list(workspaceId, { purpose, subjectId: botId });
  const live = known.filter((secret) => isLive(secret, at));
  if (live.length >= maxLive) {
    throw new ParleyError('invalid_request', `${maxLive} secrets of this bot work at the moment: delete one first.`);
  }
  const expiresAt = await allowedEnd(writers, principal, live);
  for (const secret of known) {
    if (isLive(secret, at)) await writers.encryptedSecrets.end(workspaceId, secret.id, at + overlapSeconds * 1_000);
    else await writers.encryptedSecrets.remove(workspaceId, secret.id);
  }
  const value = `prl_uts_${randomBytes(secretBytes).toString('base64url')}`;
  const secret: EncryptedSecret = {
    id: newId('secret'),
    workspaceId,
    purpose,
    subjectId: botId,
    lastFour: value.slice(-4),
    createdAt: at,
    expiresAt,
  };
  await writers.encryptedSecrets.insert(secret, value);
  await audit(writers, { principal, action: 'user_token_secret.create', botId, secretId: secret.id, at });
  writers.afterCommit(() => forget(botId));
  return { secret, value };
};

/** Ends a secret at once, with all tokens signed with it. Throws not_found and insufficient_scope. */
export const deleteUserTokenSecret = async (
  writers: Writers,
  { principal, botId, secretId }: Asked & { secretId: string },
  { clock, forget }: Tools,
): Promise<void> => {
  assertHoldsUsers(principal);
  const { workspaceId } = await findBot(writers.bots, principal, botId);
  const at = clock();
  const live = await listLive(writers.encryptedSecrets, { workspaceId, botId }, at);
  if (!live.some(({ id }) => id === secretId)) throw notFound('user token secret');
  await writers.encryptedSecrets.remove(workspaceId, secretId);
  await audit(writers, { principal, action: 'user_token_secret.delete', botId, secretId, at });
  writers.afterCommit(() => forget(botId));
};

/** The secrets that work, for verifying. Throws internal_error where one does not open. */
export const revealUserTokenSecrets = async (
  secrets: EncryptedSecretReader,
  of: { workspaceId: string; botId: string },
  now: number,
): Promise<string[]> => {
  const live = await listLive(secrets, of, now);
  const values = await Promise.all(live.map(({ id }) => secrets.reveal(of.workspaceId, id)));
  return values.filter((value) => value !== null);
};

const audit = (
  writers: Writers,
  act: { principal: KeyManager; action: string; botId: string; secretId: string; at: number },
): Promise<void> =>
  writers.audit.append({
    workspaceId: act.principal.workspaceId,
    actor: principalName(act.principal),
    action: act.action,
    target: act.secretId,
    detail: { bot_id: act.botId },
    at: act.at,
  });
