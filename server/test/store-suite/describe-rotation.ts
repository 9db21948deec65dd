import { describe, expect, it } from 'vitest';
import { admitSecret, concludeRotation, type Fingerprints } from '../../src/core/installation/secret-rotation.ts';
import type { Key } from '../../src/core/access/key.ts';
import { newId } from '../../src/kit/id.ts';
import { addWorkspace, at, type CurrentStore } from './store-under-test.ts';

const keyOf = (workspaceId: string, hashes: readonly string[]): Key => ({
  id: newId('key'),
  workspaceId,
  name: 'k',
  type: 'live',
  scopes: ['chat'],
  botIds: null,
  allowedOrigins: [],
  createdBy: 'cli',
  createdAt: at,
  expiresAt: null,
  revokedAt: null,
  secrets: hashes.map((hash) => ({
    id: newId('secret'),
    hash,
    lastFour: 'last',
    createdAt: at,
    expiresAt: null,
    lastUsedAt: null,
    publicSecret: null,
  })),
});

/** One master secret takes the place of another. */
export const describeRotation = (current: CurrentStore): void => {
  describe('the rotation of the master secret', () => {
    const admit = (given: Fingerprints, begin = true) =>
      admitSecret(current().store.transact, given, { begin, clock: () => at });
    const conclude = () => {
      const { transact, readers } = current().store;
      return concludeRotation({
        transact,
        rotation: readers.rotation,
        fingerprint: 'b',
        pepperTag: 'new.',
        clock: () => at,
      });
    };

    it('needs both secrets from its begin to its end', async () => {
      expect(await admit({ current: 'a', previous: null })).toBe('settled');
      expect(await admit({ current: 'c', previous: null })).toBe('foreign');
      expect(await admit({ current: 'a', previous: 'z' })).toBe('settled');
      expect(await admit({ current: 'b', previous: 'a' }, false)).toBe('not_begun');
      expect(await admit({ current: 'a', previous: null })).toBe('settled');
      expect(await admit({ current: 'b', previous: 'a' })).toBe('rotating');
      expect(await admit({ current: 'b', previous: 'a' }, false)).toBe('rotating');
      expect(await admit({ current: 'b', previous: null })).toBe('unfinished');
      expect(await admit({ current: 'a', previous: null })).toBe('unfinished');
      expect(await admit({ current: 'c', previous: 'b' })).toBe('unfinished');
      expect(await admit({ current: 'c', previous: null })).toBe('foreign');
      await conclude();
      expect(await admit({ current: 'b', previous: null })).toBe('settled');
      expect(await admit({ current: 'a', previous: null })).toBe('foreign');
    });

    it('can be turned round', async () => {
      await admit({ current: 'a', previous: null });
      await admit({ current: 'b', previous: 'a' });
      expect(await admit({ current: 'a', previous: 'b' })).toBe('rotating');
      await conclude();
      expect(await admit({ current: 'b', previous: null })).toBe('unfinished');
    });

    it('waits for keys that were not used since, and for no others', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const [old, both, revoked, expired, fresh] = [
        keyOf(workspaceId, ['old.1']),
        keyOf(workspaceId, ['new.2', 'old.2']),
        keyOf(workspaceId, ['old.3']),
        { ...keyOf(workspaceId, ['old.4']), expiresAt: at - 1 },
        keyOf(workspaceId, ['new.5']),
      ];
      for (const key of [old, both, revoked, expired, fresh]) await store.transact(({ keys }) => keys.insert(key));
      await store.transact(({ keys }) => keys.revoke(workspaceId, revoked.id, at));
      const left = () => store.readers.rotation.left({ pepperTag: 'new.', sealedBefore: at, now: at });
      expect(await left()).toMatchObject({ keys: 2, keyIds: [old.id, both.id], answers: 0 });
      await admit({ current: 'a', previous: null });
      await admit({ current: 'b', previous: 'a' });
      await conclude();
      expect(await store.readers.rotation.startedAt()).toBe(at);
      for (const key of [old, both]) {
        for (const { id: secretId, hash } of key.secrets) {
          const secret = { workspaceId, keyId: key.id, secretId, hash };
          await store.transact(({ keys }) => keys.replaceHash(secret, `new.${secretId}`));
        }
      }
      expect(await left()).toMatchObject({ keys: 0, keyIds: [] });
      await conclude();
      expect(await store.readers.rotation.startedAt()).toBeNull();
    });

    it('replaces no hash that has changed in the meantime', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const key = keyOf(workspaceId, ['old.1']);
      await store.transact(({ keys }) => keys.insert(key));
      const place = { workspaceId, keyId: key.id, secretId: key.secrets[0]?.id ?? '', hash: 'older.1' };
      await store.transact(({ keys }) => keys.replaceHash(place, 'new.1'));
      expect((await store.readers.keys.find(workspaceId, key.id))?.secrets[0]?.hash).toBe('old.1');
    });
  });
};
