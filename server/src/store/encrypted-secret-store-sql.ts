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

type Place = { workspace_id: string; id: string };

/** Secrets of one subject: the one in use and those it replaces. */
const maxListed = 20;

/** Binds a value to its row, so that swapping ciphertexts between rows or workspaces opens nothing. */
const contextOf = ({ workspace_id, id }: Place): string => `${workspace_id}|encrypted_secrets|${id}|ciphertext`;

const toSecret = (row: Omit<Selectable<EncryptedSecretsTable>, 'ciphertext' | 'key_version'>): EncryptedSecret => ({
  id: row.id,
  workspaceId: row.workspace_id,
  purpose: row.purpose as EncryptedSecretPurpose,
  subjectId: row.subject_id,
  lastFour: row.last_four,
  createdAt: row.created_at,
});

export const encryptedSecretStoreSql = (db: Kysely<Schema>, ring: Keyring): EncryptedSecretStore => ({
  async list(workspaceId, { purpose, subjectId }) {
    const rows = await db
      .selectFrom('encrypted_secrets')
      .select(['id', 'workspace_id', 'purpose', 'subject_id', 'last_four', 'created_at'])
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
      .select(['workspace_id', 'id', 'ciphertext'])
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', secretId)
      .executeTakeFirst();
    return row ? openRow(ring, row) : null;
  },

  async insert(secret, value) {
    const place = { workspace_id: secret.workspaceId, id: secret.id };
    await db
      .insertInto('encrypted_secrets')
      .values({
        ...place,
        purpose: secret.purpose,
        subject_id: secret.subjectId,
        ciphertext: seal(ring, value, contextOf(place)),
        key_version: ring.current,
        last_four: secret.lastFour,
        created_at: secret.createdAt,
      })
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
      .select(['workspace_id', 'id', 'ciphertext'])
      .where('key_version', '<>', ring.current)
      .limit(limit)
      .execute();
    for (const row of rows) {
      await db
        .updateTable('encrypted_secrets')
        .set({ ciphertext: seal(ring, openRow(ring, row), contextOf(row)), key_version: ring.current })
        .where('workspace_id', '=', row.workspace_id)
        .where('id', '=', row.id)
        .execute();
    }
    return rows.length;
  },
});

const openRow = (ring: Keyring, row: Place & { ciphertext: Uint8Array }): string => {
  try {
    return open(ring, row.ciphertext, contextOf(row)).toString('utf8');
  } catch (cause) {
    throw new ParleyError('internal_error', undefined, { cause });
  }
};
