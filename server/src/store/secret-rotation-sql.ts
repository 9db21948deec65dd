import type { Kysely } from 'kysely';
import type { RotationReader } from '../core/installation/rotation-reader.ts';
import { idempotencyKeptMs } from '../core/idempotency/idempotency-store.ts';
import { rotationStartName } from '../core/installation/installation-settings.ts';
import type { Keyring } from '../kit/seal.ts';
import type { Schema } from './schema.ts';

/** Keys named to the operator. */
const maxNamed = 20;

export const secretRotationSql = (db: Kysely<Schema>, ring: Keyring): RotationReader => ({
  async startedAt() {
    const row = await db
      .selectFrom('instance_settings')
      .select('value')
      .where('name', '=', rotationStartName)
      .executeTakeFirst();
    return row ? Number(row.value) : null;
  },

  async left({ pepperTag, sealedBefore, now }) {
    const secrets = await db
      .selectFrom('encrypted_secrets')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('key_version', '<>', ring.current)
      .executeTakeFirstOrThrow();
    const keyIds = await staleKeys(db, { pepperTag, now }).execute();
    const answers = await db
      .selectFrom('idempotency_keys')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('expires_at', '>', now)
      .where('expires_at', '<=', sealedBefore + idempotencyKeptMs)
      .where('sealed', '=', 1)
      .executeTakeFirstOrThrow();
    return {
      secrets: Number(secrets.count),
      keys: keyIds.length,
      keyIds: keyIds.slice(0, maxNamed).map(({ id }) => id),
      answers: Number(answers.count),
    };
  },
});

/** Keys that work, with a secret that works and has a hash under another pepper. */
const staleKeys = (db: Kysely<Schema>, { pepperTag, now }: { pepperTag: string; now: number }) =>
  db
    .selectFrom('api_keys')
    .innerJoin('key_secrets', (join) =>
      join
        .onRef('key_secrets.workspace_id', '=', 'api_keys.workspace_id')
        .onRef('key_secrets.key_id', '=', 'api_keys.id'),
    )
    .select('api_keys.id')
    .distinct()
    .where('api_keys.revoked_at', 'is', null)
    .where('key_secrets.hash', 'not like', `${pepperTag}%`)
    .where((where) => where.or([where('api_keys.expires_at', 'is', null), where('api_keys.expires_at', '>', now)]))
    .where((where) =>
      where.or([where('key_secrets.expires_at', 'is', null), where('key_secrets.expires_at', '>', now)]),
    )
    .orderBy('api_keys.id');
