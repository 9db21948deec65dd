import type { Kysely, Selectable } from 'kysely';
import type {
  EncryptedSecret,
  EncryptedSecretPurpose,
  EncryptedSecretStore,
} from '../core/access/encrypted-secret-store.ts';
import { ParleyError } from '../core/error.ts';
import { type Keyring, open, seal } from '../kit/seal.ts';
import type { Schema } from './schema.ts';
import type { EncryptedSecretsTable } from './tables/encrypted-secrets.ts';

type Place = { workspace_id: string; id: string; purpose: string };

/** Secrets of one subject: the one in use and those it replaces. */
const maxListed = 20;

/** Binds a value to its row, so that a ciphertext opens in no other row or workspace, and for no other purpose. */
const contextOf = ({ workspace_id, id, purpose }: Place): string =>
  `${workspace_id}|encrypted_secrets|${id}|${purpose}|ciphertext`;

const toSecret = (row: Omit<Selectable<EncryptedSecretsTable>, 'ciphertext' | 'key_version'>): EncryptedSecret => ({
  id: row.id,
  workspaceId: row.workspace_id,
  purpose: row.purpose as EncryptedSecretPurpose,
  subjectId: row.subject_id,
  lastFour: row.last_four,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});

export const encryptedSecretStoreSql = (db: Kysely<Schema>, ring: Keyring): EncryptedSecretStore => ({
  async list(workspaceId, { purpose, subjectId }) {
    const rows = await db
      .selectFrom('encrypted_secrets')
      .select(['id', 'workspace_id', 'purpose', 'subject_id', 'last_four', 'created_at', 'expires_at'])
      .where('workspace_id', '=', workspaceId)
      .where('purpose', '=', purpose)
      .where('subject_id', '=', subjectId)
      .orderBy('id', 'desc')
      .limit(maxListed)
      .execute();
    return rows.map(toSecret);
  },

  async reveal(workspaceId, secretId) {
    const row = await db
      .selectFrom('encrypted_secrets')
      .select(['workspace_id', 'id', 'purpose', 'ciphertext'])
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', secretId)
      .executeTakeFirst();
    return row ? openSecret(ring, row) : null;
  },

  async insert(secret, value) {
    const place = { workspace_id: secret.workspaceId, id: secret.id, purpose: secret.purpose };
    await db
      .insertInto('encrypted_secrets')
      .values({
        ...place,
        subject_id: secret.subjectId,
        ciphertext: seal(ring, value, contextOf(place)),
        key_version: ring.current,
        last_four: secret.lastFour,
        created_at: secret.createdAt,
        expires_at: secret.expiresAt,
      })
      .execute();
  },

  async end(workspaceId, secretId, at) {
    await db
      .updateTable('encrypted_secrets')
      .set({ expires_at: at })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', secretId)
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', at)]))
      .execute();
  },

  async remove(workspaceId, secretId) {
    await db
      .deleteFrom('encrypted_secrets')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', secretId)
      .execute();
  },

  async renewEncryption(limit) {
    const rows = await db
      .selectFrom('encrypted_secrets')
      .select(['workspace_id', 'id', 'purpose', 'ciphertext'])
      .where('key_version', 'in', otherVersions(ring))
      .limit(limit)
      .execute();
    let renewed = 0;
    for (const row of rows) {
      const value = tryToOpen(ring, row);
      // it was tampered with: it stays where it is, is counted as left, and holds up no other
      if (value === null) continue;
      await db
        .updateTable('encrypted_secrets')
        .set({ ciphertext: seal(ring, value, contextOf(row)), key_version: ring.current })
        .where('workspace_id', '=', row.workspace_id)
        .where('id', '=', row.id)
        .execute();
      renewed += 1;
    }
    return renewed;
  },
});

/** The secret of a row. Throws internal_error where it does not open there. */
export const openSecret = (ring: Keyring, row: Place & { ciphertext: Uint8Array }): string => {
  try {
    return open(ring, row.ciphertext, contextOf(row)).toString('utf8');
  } catch (cause) {
    throw new ParleyError('internal_error', undefined, { cause });
  }
};

/** The versions that can be opened and are not the current one; none at all is written as one that no key has. */
const otherVersions = ({ current, keys }: Keyring): number[] => {
  const others = [...keys.keys()].filter((version) => version !== current);
  return others.length === 0 ? [-1] : others;
};

const tryToOpen = (ring: Keyring, row: Place & { ciphertext: Uint8Array }): string | null => {
  try {
    return openSecret(ring, row);
  } catch {
    return null;
  }
};
