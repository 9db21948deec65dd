import { describe, expect, it } from 'vitest';
import type { Key, KeySecret } from '../../src/core/access/key.ts';
import { newId } from '../../src/kit/id.ts';
import { addWorkspace, type CurrentStore, firstPage, walk } from './store-under-test.ts';

const secretOf = (change: Partial<KeySecret> = {}): KeySecret => ({
  id: newId('secret'),
  hash: `hash-${newId('secret')}`,
  lastFour: 'abcd',
  createdAt: Date.now(),
  expiresAt: null,
  lastUsedAt: null,
  publicSecret: null,
  ...change,
});

const keyOf = (workspaceId: string, change: Partial<Key> = {}): Key => ({
  id: newId('key'),
  workspaceId,
  name: 'Shop',
  type: 'live',
  scopes: ['chat', 'usage:read'],
  botIds: null,
  allowedOrigins: [],
  createdBy: 'cli',
  createdAt: Date.now(),
  expiresAt: null,
  revokedAt: null,
  secrets: [secretOf()],
  ...change,
});

export const describeKeys = (current: CurrentStore): void => {
  describe('keys', () => {
    const add = async (workspaceId: string, change: Partial<Key> = {}): Promise<Key> => {
      const key = keyOf(workspaceId, change);
      await current().store.transact((writers) => writers.keys.insert(key));
      return key;
    };

    it('are read as they were written', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const key = await add(workspaceId, { botIds: ['bot_a'], allowedOrigins: ['https://shop.example'], expiresAt: 5 });
      expect(await store.readers.keys.find(workspaceId, key.id)).toEqual(key);
      expect(await store.readers.keys.findForSecret(key.id)).toEqual(key);
    });

    it('of another workspace are neither found nor listed', async () => {
      const { keys } = current().store.readers;
      const key = await add(await addWorkspace(current()));
      const other = await addWorkspace(current());
      expect(await keys.find(other, key.id)).toBeNull();
      expect(await keys.list(other, firstPage)).toEqual({ items: [], hasMore: false });
    });

    it('are listed page by page in both directions', async () => {
      const workspaceId = await addWorkspace(current());
      const ids: string[] = [];
      for (let count = 0; count < 7; count++) ids.unshift((await add(workspaceId)).id);
      const { down, up } = await walk((page) => current().store.readers.keys.list(workspaceId, page), 3);
      expect(down).toEqual(ids);
      expect(up).toEqual(ids);
    });

    it('are found for their secret alone once revoked, with the time of the first revocation', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const key = await add(workspaceId);
      await store.transact((writers) => writers.keys.revoke(workspaceId, key.id, 10));
      await store.transact((writers) => writers.keys.revoke(workspaceId, key.id, 20));
      expect((await store.readers.keys.findForSecret(key.id))?.revokedAt).toBe(10);
      expect(await store.readers.keys.find(workspaceId, key.id)).toBeNull();
      expect(await store.readers.keys.list(workspaceId, firstPage)).toEqual({ items: [], hasMore: false });
    });

    it('that were revoked long ago are removed with their secrets, some at a time', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const [old, older, young, kept] = [await add(workspaceId), await add(workspaceId), await add(workspaceId)].concat(
        await add(workspaceId, { expiresAt: 5 }),
      );
      const remove = (before: number, limit: number) =>
        store.transact((writers) => writers.keys.removeRevoked(before, limit));
      for (const [key, at] of [
        [old, 20],
        [older, 10],
        [young, 90],
      ] as const) {
        await store.transact((writers) => writers.keys.revoke(workspaceId, key!.id, at));
      }
      const secrets = async () => (await current().countRows()).key_secrets;
      const before = (await secrets()) ?? 0;
      expect(await remove(50, 1)).toBe(1);
      expect(await store.readers.keys.findForSecret(older!.id)).toBeNull();
      expect(await remove(50, 10)).toBe(1);
      expect(await remove(50, 10)).toBe(0);
      expect(await store.readers.keys.findForSecret(old!.id)).toBeNull();
      expect(await secrets()).toBe(before - 2);
      expect(await store.readers.keys.findForSecret(young!.id)).not.toBeNull();
      expect(await store.readers.keys.find(workspaceId, kept!.id)).not.toBeNull();
    });

    it('are counted up to a limit, those that were not revoked', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      for (let made = 0; made < 4; made++) await add(workspaceId, { expiresAt: made === 0 ? 5 : null });
      await add(await addWorkspace(current()));
      const { id } = await add(workspaceId);
      await store.transact((writers) => writers.keys.revoke(workspaceId, id, 10));
      const count = (limit: number) => store.transact((writers) => writers.keys.count(workspaceId, limit));
      expect([await count(10), await count(3)]).toEqual([4, 3]);
    });

    it('keep their old secrets until the overlap of a rotation ends, and no longer than they would have', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const soon = Date.now() + 1_000_000;
      const later = Date.now() + 2_000_000;
      const ending = secretOf({ expiresAt: soon });
      const newest = secretOf();
      const key = await add(workspaceId, { secrets: [newest, ending] });
      const added = secretOf();
      await store.transact((writers) => writers.keys.addSecret(key, added, later));
      const found = await store.readers.keys.find(workspaceId, key.id);
      expect(found?.secrets).toEqual([added, { ...newest, expiresAt: later }, ending]);
    });

    it('leave out secrets that have ended, but know them for whoever still sends one', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const key = await add(workspaceId);
      const added = secretOf();
      await store.transact((writers) => writers.keys.addSecret(key, added, Date.now() - 1));
      expect((await store.readers.keys.find(workspaceId, key.id))?.secrets).toEqual([added]);
      expect((await store.readers.keys.findForSecret(key.id))?.secrets).toHaveLength(2);
    });

    it('do not gather ended secrets without end', async () => {
      const { store } = current();
      const key = await add(await addWorkspace(current()));
      for (let count = 0; count < 30; count++) {
        await store.transact((writers) => writers.keys.addSecret(key, secretOf(), Date.now() - 1));
      }
      expect((await store.readers.keys.findForSecret(key.id))?.secrets.length).toBeLessThan(15);
    });

    it('end every secret but one when the overlap is ended', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const kept = secretOf();
      const key = await add(workspaceId, { secrets: [secretOf({ expiresAt: Date.now() + 1_000_000 }), kept] });
      await store.transact((writers) => writers.keys.endOtherSecrets(key, kept.id, Date.now() - 1));
      expect((await store.readers.keys.find(workspaceId, key.id))?.secrets).toEqual([kept]);
    });

    it('note the last use of a secret and never go back in time', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const key = await add(workspaceId);
      const use = { workspaceId, keyId: key.id, secretId: key.secrets[0]?.id ?? '' };
      await store.transact((writers) => writers.keys.touch([{ ...use, at: 200 }]));
      await store.transact((writers) => writers.keys.touch([{ ...use, at: 100 }]));
      expect((await store.readers.keys.find(workspaceId, key.id))?.secrets[0]?.lastUsedAt).toBe(200);
    });
  });
};
