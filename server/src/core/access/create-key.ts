import type { Clock } from '../../kit/clock.ts';
import { newId } from '../../kit/id.ts';
import { notFound, ParleyError } from '../error.ts';
import type { Writers } from '../store.ts';
import { assertPublishable } from './publishable-key.ts';
import type { Key, KeySecret, KeyType } from './key.ts';
import { assertHoldsMode, assertHoldsScopes, type KeyManager } from './key-grants.ts';
import { hashSecret, lastFourOf, makeSecret } from './key-secret.ts';
import { principalName } from './principal.ts';
import { endOf } from './principal-end.ts';
import type { Scope } from './scope.ts';

export type NewKey = {
  name: string;
  type: KeyType;
  scopes: readonly Scope[];
  /** Null: as many as the creator may use. */
  botIds: readonly string[] | null;
  expiresAt: number | null;
  /** For publishable keys alone. */
  allowedOrigins?: readonly string[];
};

/**
 * Keys of a workspace that were not revoked: one for each of many bots and pages. Whoever has more cannot tell any more which
 * of them may do what.
 */
const maxKeys = 1_000;

/** What making a secret needs. */
export type KeyTools = { pepper: Buffer; clock: Clock };

/** A key with a secret that nobody will see again. */
export type KeyWithSecret = { key: Key; secret: string };

/**
 * Makes a key on behalf of another one or of a member, which can grant nothing that they do not hold: scopes, bots, mode,
 * and with a key that expires, time. Throws insufficient_scope, invalid_request, not_found for an unknown bot, and
 * plan_limit_reached.
 */
export const createKey = async (
  writers: Writers,
  wanted: NewKey & { creator: KeyManager },
  tools: KeyTools,
): Promise<KeyWithSecret> => {
  const { creator } = wanted;
  assertHoldsMode(creator, wanted.type);
  assertHoldsScopes(creator, wanted.scopes);
  const botIds = await allowedBots(writers, creator, wanted.botIds);
  assertPublishable({ ...wanted, botIds });
  if (wanted.expiresAt !== null && wanted.expiresAt <= tools.clock()) {
    throw new ParleyError('invalid_request', '`expires_at` must be in the future.', { param: 'expires_at' });
  }
  const expiresAt = await allowedExpiry(writers, creator, wanted.expiresAt);
  if ((await writers.keys.count(creator.workspaceId, maxKeys)) >= maxKeys) {
    const reason = `A workspace has at most ${maxKeys} keys, expired ones among them. Revoke those that nobody uses.`;
    throw new ParleyError('plan_limit_reached', reason);
  }
  return storeKey(
    writers,
    { ...wanted, botIds, expiresAt, workspaceId: creator.workspaceId, createdBy: principalName(creator) },
    tools,
  );
};

/** Makes a key on behalf of the operator, who may grant everything, and gets in however many there are. */
export const createOperatorKey = (
  writers: Writers,
  wanted: NewKey & { workspaceId: string },
  tools: KeyTools,
): Promise<KeyWithSecret> => storeKey(writers, { ...wanted, createdBy: 'cli' }, tools);

const storeKey = async (
  writers: Writers,
  wanted: NewKey & { workspaceId: string; createdBy: string },
  tools: KeyTools,
): Promise<KeyWithSecret> => {
  const at = tools.clock();
  const id = newId('key');
  const made = makeKeySecret({ id, type: wanted.type }, at, tools);
  const key: Key = {
    id,
    workspaceId: wanted.workspaceId,
    name: wanted.name,
    type: wanted.type,
    scopes: [...new Set(wanted.scopes)],
    botIds: wanted.botIds === null ? null : [...new Set(wanted.botIds)],
    allowedOrigins: [...new Set(wanted.allowedOrigins)],
    createdBy: wanted.createdBy,
    createdAt: at,
    expiresAt: wanted.expiresAt,
    revokedAt: null,
    secrets: [made.stored],
  };
  await writers.keys.insert(key);
  await writers.audit.append({
    workspaceId: key.workspaceId,
    actor: key.createdBy,
    action: 'key.create',
    target: key.id,
    detail: {
      name: key.name,
      type: key.type,
      scopes: key.scopes,
      bot_ids: key.botIds,
      ...(key.type === 'publishable' ? { allowed_origins: key.allowedOrigins } : {}),
    },
    at,
  });
  return { key, secret: made.secret };
};

/** A fresh secret and what is stored of it. */
export const makeKeySecret = (
  key: Pick<Key, 'id' | 'type'>,
  at: number,
  tools: Pick<KeyTools, 'pepper'>,
): { secret: string; stored: KeySecret } => {
  const secret = makeSecret(key.type, key.id);
  return {
    secret,
    stored: {
      id: newId('secret'),
      hash: hashSecret(secret, tools.pepper),
      lastFour: lastFourOf(secret),
      createdAt: at,
      expiresAt: null,
      lastUsedAt: null,
      publicSecret: key.type === 'publishable' ? secret : null,
    },
  };
};

const allowedBots = async (
  writers: Writers,
  creator: KeyManager,
  wanted: readonly string[] | null,
): Promise<readonly string[] | null> => {
  if (wanted === null) return creator.botIds === null ? null : [...creator.botIds];
  for (const botId of wanted) {
    const held = creator.botIds === null || creator.botIds.has(botId);
    if (!held || !(await writers.bots.find(creator.workspaceId, botId))) throw notFound('bot');
  }
  return wanted;
};

const allowedExpiry = async (writers: Writers, creator: KeyManager, wanted: number | null): Promise<number | null> => {
  const endsAt = await endOf(writers, creator);
  if (endsAt === null) return wanted;
  if (wanted !== null && wanted > endsAt) {
    throw new ParleyError('insufficient_scope', 'A key that expires cannot make one that outlives it.', {
      param: 'expires_at',
    });
  }
  return wanted ?? endsAt;
};
