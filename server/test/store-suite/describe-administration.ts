import { describe, expect, it } from 'vitest';
import type { IdempotencyScope } from '../../src/core/idempotency/idempotency-store.ts';
import { addWorkspace, at, type CurrentStore } from './store-under-test.ts';

const dayMs = 24 * 60 * 60 * 1000;

const describeWorkspaces = (current: CurrentStore): void => {
  describe('workspaces', () => {
    it('come with the root of their quota', async () => {
      const workspaceId = await addWorkspace(current());
      expect(await current().store.readers.workspaces.find(workspaceId)).toEqual({
        id: workspaceId,
        parentId: null,
        name: 'Test',
        plan: null,
        createdAt: at,
        parentPlan: null,
        share: null,
      });
      expect((await current().countRows())['quota_owners']).toBe(1);
    });

    it('have the first one made as default', async () => {
      expect(await current().store.readers.workspaces.findDefault()).toBeNull();
      const first = await addWorkspace(current());
      await addWorkspace(current());
      expect((await current().store.readers.workspaces.findDefault())?.id).toBe(first);
    });
  });
};

const describeIdempotency = (current: CurrentStore): void => {
  describe('an Idempotency-Key', () => {
    const expiresAt = Date.now() + dayMs;
    const scopeOf = async (change: Partial<IdempotencyScope> = {}): Promise<IdempotencyScope> => ({
      workspaceId: await addWorkspace(current()),
      principal: 'key:one',
      route: 'createBot',
      key: 'retry-1',
      fingerprint: 'body-1',
      ...change,
    });
    const claim = (scope: IdempotencyScope, until = expiresAt) =>
      current().store.transact((writers) => writers.idempotency.claim(scope, until));
    const answer = (scope: IdempotencyScope, body: Uint8Array, until = expiresAt) =>
      current().store.transact(async (writers) => {
        await writers.idempotency.claim(scope, until);
        await writers.idempotency.complete(scope, { status: 201, body, sealed: true, subjectId: null });
      });

    it('is claimed once and then gives the answer as it was', async () => {
      const scope = await scopeOf();
      const body = new Uint8Array([0, 1, 255]);
      await answer(scope, body);
      expect(await claim(scope)).toEqual({
        kind: 'replay',
        response: { status: 201, body, sealed: true, subjectId: null },
      });
    });

    it('keeps an answer that has no body', async () => {
      const scope = await scopeOf();
      await answer(scope, new Uint8Array());
      expect(await claim(scope)).toMatchObject({ kind: 'replay', response: { body: new Uint8Array() } });
    });

    it('with another body is a mismatch', async () => {
      const scope = await scopeOf();
      await answer(scope, new Uint8Array([1]));
      expect(await claim({ ...scope, fingerprint: 'body-2' })).toEqual({ kind: 'mismatch' });
    });

    it('of another workspace, principal or route is another key', async () => {
      const scope = await scopeOf();
      await answer(scope, new Uint8Array([1]));
      for (const change of [
        { workspaceId: await addWorkspace(current()) },
        { principal: 'key:two' },
        { route: 'createKey' },
      ]) {
        expect(await claim({ ...scope, ...change })).toEqual({ kind: 'claimed' });
      }
    });

    it('is free again when its change failed', async () => {
      const { store } = current();
      const scope = await scopeOf();
      const failing = store.transact(async (writers) => {
        await writers.idempotency.claim(scope, expiresAt);
        throw new Error('the change failed');
      });
      await expect(failing).rejects.toThrow('the change failed');
      expect(await claim(scope)).toEqual({ kind: 'claimed' });
    });

    it('is free again when it has expired, also for another body', async () => {
      const scope = await scopeOf();
      await answer(scope, new Uint8Array([1]), Date.now() - 1);
      const again = { ...scope, fingerprint: 'body-2' };
      await answer(again, new Uint8Array([2]));
      expect(await claim(again)).toMatchObject({ kind: 'replay' });
    });

    it('is removed in batches once it has expired', async () => {
      const { store, countRows } = current();
      const scope = await scopeOf();
      for (let count = 0; count < 5; count++) {
        await answer({ ...scope, key: `old-${count}` }, new Uint8Array([1]), Date.now() - 1);
      }
      await answer(scope, new Uint8Array([1]));
      const remove = () => store.transact((writers) => writers.idempotency.removeExpired(Date.now(), 3));
      expect([await remove(), await remove(), await remove()]).toEqual([3, 2, 0]);
      expect((await countRows())['idempotency_keys']).toBe(1);
    });
  });
};

const describeTransactions = (current: CurrentStore): void => {
  describe('a transaction', () => {
    it('adds to the audit log with what it is about, or not at all', async () => {
      const { store, countRows } = current();
      const workspaceId = await addWorkspace(current());
      const entry = { workspaceId, actor: 'cli', action: 'key.create', target: 'key_x', detail: { name: 'x' }, at };
      await store.transact((writers) => writers.audit.append(entry));
      const failing = store.transact(async (writers) => {
        await writers.audit.append(entry);
        throw new Error('undone');
      });
      await expect(failing).rejects.toThrow('undone');
      expect((await countRows())['audit_log']).toBe(1);
    });

    it('runs what waits for its commit, and only then', async () => {
      const { store } = current();
      const seen: string[] = [];
      await store.transact(async (writers) => {
        writers.afterCommit(() => seen.push('effect'));
        seen.push('work');
      });
      await store
        .transact(async (writers) => {
          writers.afterCommit(() => seen.push('never'));
          throw new Error('undone');
        })
        .catch(() => seen.push('failed'));
      expect(seen).toEqual(['work', 'effect', 'failed']);
    });
  });
};

/** Workspaces, Idempotency-Keys, the audit log and the transactions around them. */
export const describeAdministration = (current: CurrentStore): void => {
  describeWorkspaces(current);
  describeIdempotency(current);
  describeTransactions(current);
};
