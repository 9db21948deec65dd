import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EncryptedSecret } from '../core/access/encrypted-secret-store.ts';
import { newId } from '../kit/id.ts';
import { encryptedSecretStoreSql } from './encrypted-secret-store-sql.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { SqliteConnection } from './sqlite/connection.ts';
import { sqliteDialect } from './sqlite/dialect.ts';
import { type Durability, openDurability } from './sqlite/durability.ts';
import { kyselyDialect } from './sqlite/kysely-driver.ts';
import { SqliteWriter } from './sqlite/writer.ts';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const oldRing = { current: 1, keys: new Map([[1, oldKey]]) };
const bothRing = {
  current: 2,
  keys: new Map([
    [1, oldKey],
    [2, newKey],
  ]),
};
const newRing = { current: 2, keys: new Map([[2, newKey]]) };

let directory: string;
let connection: SqliteConnection;
let db: Kysely<Schema>;
let durability: Durability;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-secrets-'));
  connection = new SqliteConnection(join(directory, 'parley.db'), { readOnly: false });
  durability = await openDurability(connection, join(directory, 'parley.db'), { onFailure: () => {} });
  db = new Kysely<Schema>({ dialect: kyselyDialect({ connection, writer: new SqliteWriter(connection, durability) }) });
  await migrate(db, sqliteDialect);
});

afterEach(async () => {
  await db.destroy();
  await durability.close();
  connection.close();
  await rm(directory, { recursive: true });
});

const secretOf = (change: Partial<EncryptedSecret> = {}): EncryptedSecret => ({
  id: newId('secret'),
  workspaceId: 'ws_a',
  purpose: 'webhook_secret',
  subjectId: 'hook_a',
  lastFour: 'wxyz',
  createdAt: 1,
  expiresAt: null,
  ...change,
});

describe('an encrypted secret', () => {
  it('is read again as it was, and shows its last four alone in a list', async () => {
    const store = encryptedSecretStoreSql(db, oldRing);
    const [older, newer] = [secretOf(), secretOf()];
    await store.insert(older, 'whsec_საიდუმლო');
    await store.insert(newer, 'whsec_new');
    await store.insert(secretOf({ subjectId: 'hook_b' }), 'whsec_other');
    expect(await store.reveal('ws_a', older.id)).toBe('whsec_საიდუმლო');
    expect(await store.list('ws_a', { purpose: 'webhook_secret', subjectId: 'hook_a' })).toEqual([newer, older]);
  });

  it('is not found in another workspace', async () => {
    const store = encryptedSecretStoreSql(db, oldRing);
    const secret = secretOf();
    await store.insert(secret, 'whsec_a');
    expect(await store.reveal('ws_b', secret.id)).toBeNull();
    expect(await store.list('ws_b', { purpose: 'webhook_secret', subjectId: 'hook_a' })).toEqual([]);
  });

  it('does not stand in the file in the clear', async () => {
    await encryptedSecretStoreSql(db, oldRing).insert(secretOf(), 'whsec_in_the_clear');
    const { ciphertext } = await db.selectFrom('encrypted_secrets').select('ciphertext').executeTakeFirstOrThrow();
    expect(Buffer.from(ciphertext).toString('latin1')).not.toContain('clear');
  });

  it('does not open in the row of another', async () => {
    const store = encryptedSecretStoreSql(db, oldRing);
    const [own, stolen] = [secretOf(), secretOf({ workspaceId: 'ws_b' })];
    await store.insert(own, 'whsec_own');
    await store.insert(stolen, 'whsec_stolen');
    const { ciphertext } = await db
      .selectFrom('encrypted_secrets')
      .select('ciphertext')
      .where('id', '=', stolen.id)
      .executeTakeFirstOrThrow();
    await db.updateTable('encrypted_secrets').set({ ciphertext }).where('id', '=', own.id).execute();
    await expect(store.reveal('ws_a', own.id)).rejects.toMatchObject({ code: 'internal_error' });
  });

  it('is gone once it is removed', async () => {
    const store = encryptedSecretStoreSql(db, oldRing);
    const secret = secretOf();
    await store.insert(secret, 'whsec_a');
    await store.remove('ws_b', secret.id);
    expect(await store.reveal('ws_a', secret.id)).toBe('whsec_a');
    await store.remove('ws_a', secret.id);
    expect(await store.reveal('ws_a', secret.id)).toBeNull();
  });

  it('is brought under a new key in batches, after which the old one is not needed', async () => {
    const secrets = [secretOf(), secretOf(), secretOf()];
    for (const [at, secret] of secrets.entries())
      await encryptedSecretStoreSql(db, oldRing).insert(secret, `value-${at}`);
    const store = encryptedSecretStoreSql(db, bothRing);
    expect([await store.renewEncryption(2), await store.renewEncryption(2), await store.renewEncryption(2)]).toEqual([
      2, 1, 0,
    ]);
    for (const [at, secret] of secrets.entries()) {
      expect(await encryptedSecretStoreSql(db, newRing).reveal('ws_a', secret.id)).toBe(`value-${at}`);
    }
  });
});
