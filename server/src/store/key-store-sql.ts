import type { Kysely, Selectable } from 'kysely';
import type { Key, KeySecret } from '../core/access/key.ts';
import type { KeyStore } from '../core/access/key-store.ts';
import type { Scope } from '../core/access/scope.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { ApiKeysTable } from './tables/api-keys.ts';
import type { KeySecretsTable } from './tables/key-secrets.ts';

const toSecret = (row: Selectable<KeySecretsTable>): KeySecret => ({
  id: row.id,
  hash: row.hash,
  lastFour: row.last_four,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  publicSecret: row.public_secret,
});

const toKey = (row: Selectable<ApiKeysTable>, secrets: KeySecret[]): Key => ({
  id: row.id,
  workspaceId: row.workspace_id,
  name: row.name,
  type: row.type,
  scopes: JSON.parse(row.scopes) as Scope[],
  botIds: row.bot_ids === null ? null : (JSON.parse(row.bot_ids) as string[]),
  allowedOrigins: JSON.parse(row.allowed_origins) as string[],
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  secrets,
});

const toSecretRow = (key: Pick<Key, 'workspaceId' | 'id'>, secret: KeySecret): Selectable<KeySecretsTable> => ({
  workspace_id: key.workspaceId,
  key_id: key.id,
  id: secret.id,
  hash: secret.hash,
  last_four: secret.lastFour,
  created_at: secret.createdAt,
  expires_at: secret.expiresAt,
  last_used_at: secret.lastUsedAt,
  public_secret: secret.publicSecret,
});

/** Ended secrets kept, so that a late user of one is told that it has expired; older ones are unknown. */
const maxEndedSecrets = 10;

/** `clock` decides which secrets have ended. */
export const keyStoreSql = (db: Kysely<Schema>, clock: Clock = systemClock): KeyStore => {
  const withSecrets = async (
    rows: readonly Selectable<ApiKeysTable>[],
    options: { ended: boolean } = { ended: false },
  ): Promise<Key[]> => {
    const [first] = rows;
    if (!first) return [];
    // the rows of one call are all of one workspace
    const secrets = await db
      .selectFrom('key_secrets')
      .selectAll()
      .where('workspace_id', '=', first.workspace_id)
      .where(
        'key_id',
        'in',
        rows.map((row) => row.id),
      )
      .$if(!options.ended, (all) =>
        all.where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', clock())])),
      )
      .execute();
    const byKey = Map.groupBy(secrets, (secret) => secret.key_id);
    return rows.map((row) =>
      toKey(
        row,
        (byKey.get(row.id) ?? []).map(toSecret).toSorted((one, other) => (one.id < other.id ? 1 : -1)),
      ),
    );
  };

  return {
    async findForSecret(keyId) {
      const rows = await db.selectFrom('api_keys').selectAll().where('id', '=', keyId).execute();
      const [key] = await withSecrets(rows, { ended: true });
      return key ?? null;
    },

    async find(workspaceId, keyId) {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', keyId)
        .where('revoked_at', 'is', null)
        .execute();
      const [key] = await withSecrets(rows);
      return key ?? null;
    },

    async list(workspaceId, page) {
      const query = db
        .selectFrom('api_keys')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('revoked_at', 'is', null);
      const { items, hasMore } = await readPage(query, 'id', page);
      return { items: await withSecrets(items), hasMore };
    },

    async insert(key) {
      await db
        .insertInto('api_keys')
        .values({
          workspace_id: key.workspaceId,
          id: key.id,
          name: key.name,
          type: key.type,
          scopes: JSON.stringify(key.scopes),
          bot_ids: key.botIds === null ? null : JSON.stringify(key.botIds),
          allowed_origins: JSON.stringify(key.allowedOrigins),
          created_by: key.createdBy,
          created_at: key.createdAt,
          expires_at: key.expiresAt,
          revoked_at: key.revokedAt,
        })
        .execute();
      if (key.secrets.length === 0) return;
      await db
        .insertInto('key_secrets')
        .values(key.secrets.map((secret) => toSecretRow(key, secret)))
        .execute();
    },

    async addSecret(key, secret, endOthersAt) {
      const now = clock();
      const ended = await db
        .selectFrom('key_secrets')
        .select('id')
        .where('workspace_id', '=', key.workspaceId)
        .where('key_id', '=', key.id)
        .where('expires_at', '<=', now)
        .orderBy('id', 'desc')
        .offset(maxEndedSecrets)
        .limit(1)
        .executeTakeFirst();
      if (ended) await removeEndedSecrets(db, key, { upToId: ended.id, now });
      await endSecrets(db, key, { keptId: secret.id, at: endOthersAt });
      await db.insertInto('key_secrets').values(toSecretRow(key, secret)).execute();
    },

    endOtherSecrets: (key, keptSecretId, at) => endSecrets(db, key, { keptId: keptSecretId, at }),

    async replaceHash(secret, hash) {
      await db
        .updateTable('key_secrets')
        .set({ hash })
        .where('workspace_id', '=', secret.workspaceId)
        .where('key_id', '=', secret.keyId)
        .where('id', '=', secret.secretId)
        .where('hash', '=', secret.hash)
        .execute();
    },

    async revoke(workspaceId, keyId, at) {
      await db
        .updateTable('api_keys')
        .set({ revoked_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', keyId)
        .where('revoked_at', 'is', null)
        .execute();
    },

    async count(workspaceId, limit) {
      const usable = db
        .selectFrom('api_keys')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('revoked_at', 'is', null)
        .limit(limit)
        .as('usable');
      const { count } = await db
        .selectFrom(usable)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async removeRevoked(revokedBefore, limit) {
      const keys = await db
        .selectFrom('api_keys')
        .select(['workspace_id', 'id'])
        .where('revoked_at', '<', revokedBefore)
        .orderBy('revoked_at')
        .limit(limit)
        .execute();
      for (const { workspace_id: workspaceId, id } of keys) {
        await db.deleteFrom('key_secrets').where('workspace_id', '=', workspaceId).where('key_id', '=', id).execute();
        await db.deleteFrom('api_keys').where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
      }
      return keys.length;
    },

    async touch(uses) {
      for (const { workspaceId, keyId, secretId, at } of uses) {
        await db
          .updateTable('key_secrets')
          .set({ last_used_at: at })
          .where('workspace_id', '=', workspaceId)
          .where('key_id', '=', keyId)
          .where('id', '=', secretId)
          .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
          .execute();
      }
    },
  };
};

type KeyPlace = Pick<Key, 'workspaceId' | 'id'>;

/** Lets every secret but one end at `at`, if it does not end sooner. */
const endSecrets = async (
  db: Kysely<Schema>,
  key: KeyPlace,
  { keptId, at }: { keptId: string; at: number },
): Promise<void> => {
  await db
    .updateTable('key_secrets')
    .set({ expires_at: at })
    .where('workspace_id', '=', key.workspaceId)
    .where('key_id', '=', key.id)
    .where('id', '<>', keptId)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', at)]))
    .execute();
};

/** Removes what has ended of the secret and those made before it. */
const removeEndedSecrets = async (
  db: Kysely<Schema>,
  key: KeyPlace,
  { upToId, now }: { upToId: string; now: number },
): Promise<void> => {
  await db
    .deleteFrom('key_secrets')
    .where('workspace_id', '=', key.workspaceId)
    .where('key_id', '=', key.id)
    .where('id', '<=', upToId)
    .where('expires_at', '<=', now)
    .execute();
};
