import { describe, expect, it } from 'vitest';
import type { Mode } from '../../src/core/access/principal.ts';
import type { Erasure } from '../../src/core/user/erasure.ts';
import { userOwnerId } from '../../src/core/usage/quota-owner.ts';
import { newId } from '../../src/kit/id.ts';
import {
  acceptTurn,
  addConversation,
  addMessages,
  addWorkspace,
  at,
  completed,
  type CurrentStore,
  walk,
} from './store-under-test.ts';

export const describeUsers = (current: CurrentStore): void => {
  const save = (workspaceId: string, userId: string, more: { mode?: Mode; at?: number } = {}) =>
    current().store.transact((writers) =>
      writers.users.save({ workspaceId, mode: more.mode ?? 'live', userId }, { of: userId }, more.at ?? at),
    );
  const find = (workspaceId: string, userId: string, mode: Mode = 'live') =>
    current().store.readers.users.find({ workspaceId, mode, userId });
  const regroup = (workspaceId: string, ...groups: string[][]) =>
    current().store.transact((writers) => writers.users.regroup({ workspaceId, mode: 'live' }, groups));
  /** A turn that has ended; gives where it took place. */
  const say = async (workspaceId: string, userId: string, change: Parameters<typeof acceptTurn>[2] = {}) => {
    const accepted = await acceptTurn(current(), workspaceId, { userId, ...change });
    await current().store.turns.finish(completed(accepted.turn));
    return accepted.turn.conversationId;
  };
  const erasureOf = (workspaceId: string, users: number): Erasure => ({
    id: newId('era'),
    workspaceId,
    mode: 'live',
    userHash: 'hash',
    status: 'running',
    users,
    conversations: 0,
    messages: 0,
    turns: 0,
    createdAt: at,
    completedAt: null,
  });
  const eraseAll = async (workspaceId: string, userIds: string[], limit: number): Promise<Erasure | null> => {
    const { store } = current();
    const erasure = erasureOf(workspaceId, userIds.length);
    await store.transact((writers) => writers.users.beginErasure({ workspaceId, mode: 'live', userIds }, erasure));
    for (let after: string | null = ''; after !== null;) {
      const from: string = after;
      after = await store.transact((writers) => writers.users.forgetInTurns(workspaceId, erasure.id, from));
    }
    for (let batches = 0; batches < 1_000; batches++) {
      if (await store.transact((writers) => writers.users.purgeErased(workspaceId, erasure.id, limit))) {
        await store.transact((writers) => writers.users.completeErasure(workspaceId, erasure.id, at + 5));
        return store.readers.users.findErasure(workspaceId, 'live', erasure.id);
      }
    }
    throw new Error('the erasure does not end');
  };

  describe('users', () => {
    it('are apart by workspace and mode', async () => {
      const workspaceId = await addWorkspace(current());
      await save(workspaceId, 'one');
      await save(workspaceId, 'one', { mode: 'test' });
      const other = await addWorkspace(current());
      expect(await find(workspaceId, 'one')).toEqual({
        workspaceId,
        mode: 'live',
        userId: 'one',
        personId: 'one',
        linkedUserIds: [],
        traits: { of: 'one' },
        createdAt: at,
      });
      expect(await find(workspaceId, 'one', 'test')).toMatchObject({ mode: 'test' });
      expect(await find(other, 'one')).toBeNull();
      const { items } = await current().store.readers.users.list(
        { workspaceId, mode: 'test', prefix: null },
        { limit: 9, after: null, before: null },
      );
      expect(items).toHaveLength(1);
    });

    it('are listed newest first and by their ids where they are as old, in both directions and by prefix', async () => {
      const workspaceId = await addWorkspace(current());
      const ages: [string, number][] = [
        ...([
          ['b', 1],
          ['a', 2],
          ['ab', 2],
          ['B', 2],
          ['ä', 2],
          ['😀', 3],
          ['aa', 4],
          ['a_', 4],
        ] as [string, number][]),
      ];
      for (const [userId, age] of ages) await save(workspaceId, userId, { at: at + age });
      const { users } = current().store.readers;
      for (const limit of [1, 3, 20]) {
        const read = async (prefix: string | null) =>
          walk(async (page) => {
            const { items, hasMore } = await users.list({ workspaceId, mode: 'live', prefix }, page);
            return { items: items.map((user) => ({ id: user.userId })), hasMore };
          }, limit);
        const all = ['aa', 'a_', '😀', 'ä', 'ab', 'a', 'B', 'b'];
        expect(await read(null)).toEqual({ down: all, up: all });
        expect((await read('a')).down).toEqual(['aa', 'a_', 'ab', 'a']);
        expect((await read('a_')).down).toEqual(['a_']);
        expect((await read('%')).down).toEqual([]);
      }
    });

    it('are counted with their conversations and messages', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId, { userId: 'counted' });
      await addMessages(current(), conversation, ['a', 'b', 'c']);
      await addConversation(current(), workspaceId, { userId: 'counted-too' });
      await addConversation(current(), workspaceId, { userId: 'counted', mode: 'test' });
      const { users } = current().store.readers;
      const ids = { workspaceId, mode: 'live' as const };
      expect(await users.counts({ ...ids, userIds: ['counted'] })).toEqual({ conversations: 1, messages: 3 });
      expect(await users.counts({ ...ids, userIds: ['counted', 'counted-too'] })).toEqual({
        conversations: 2,
        messages: 3,
      });
      expect(await users.counts({ ...ids, userIds: ['nobody'] })).toEqual({ conversations: 0, messages: 0 });
    });

    it('of one person share the current conversation, whoever begins the next', async () => {
      const workspaceId = await addWorkspace(current());
      const mine = await say(workspaceId, 'mine', { at });
      await say(workspaceId, 'yours', { at: at + 1 });
      await save(workspaceId, 'silent');
      await regroup(workspaceId, ['mine', 'yours', 'silent']);
      expect((await find(workspaceId, 'silent'))?.linkedUserIds).toEqual(['mine', 'yours']);
      const next = await say(workspaceId, 'mine', { newConversation: true });
      for (const userId of ['mine', 'yours', 'silent']) expect(await say(workspaceId, userId)).toBe(next);
      // a conversation fits everybody of the person
      expect(await say(workspaceId, 'silent', { conversationId: mine })).toBe(mine);
      await expect(say(workspaceId, 'stranger', { conversationId: mine })).rejects.toMatchObject({ code: 'not_found' });
      await current().store.transact((writers) => writers.conversations.markDeleted(workspaceId, next, at));
      const fallback = await say(workspaceId, 'silent');
      expect(await say(workspaceId, 'mine')).toBe(fallback);
      expect(fallback).not.toBe(next);
    });

    it('that are taken apart have what they began', async () => {
      const workspaceId = await addWorkspace(current());
      const mine = await say(workspaceId, 'mine');
      const yours = await say(workspaceId, 'yours', { at: at + 1 });
      await save(workspaceId, 'silent');
      await regroup(workspaceId, ['mine', 'yours', 'silent']);
      expect(await say(workspaceId, 'mine')).toBe(yours);
      await regroup(workspaceId, ['mine'], ['silent', 'yours']);
      expect(await say(workspaceId, 'mine')).toBe(mine);
      expect(await say(workspaceId, 'silent')).toBe(yours);
      await regroup(workspaceId, ['silent'], ['yours']);
      expect(await say(workspaceId, 'yours')).toBe(yours);
      const own = await say(workspaceId, 'silent');
      expect([mine, yours]).not.toContain(own);
    });

    it('have links that stand once, whoever names whom', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const place = (userId: string) => ({ workspaceId, mode: 'live' as const, userId });
      await store.transact((writers) => writers.users.addLink(place('b'), 'a', at));
      await store.transact((writers) => writers.users.addLink(place('a'), 'b', at + 1));
      const ids = { workspaceId, mode: 'live' as const, userIds: ['a', 'b'] };
      expect(await store.readers.users.links(ids)).toEqual([{ userId: 'a', otherId: 'b', createdAt: at }]);
      expect(await store.transact((writers) => writers.users.removeLink(place('b'), 'a'))).toBe(true);
      expect(await store.transact((writers) => writers.users.removeLink(place('b'), 'a'))).toBe(false);
    });
  });

  describe('an erased user', () => {
    for (const limit of [1, 4, 1_000]) {
      it(`leaves no row in any table but the receipt and the charges, removed ${limit} at a time`, async () => {
        const { store, countRows, run } = current();
        const workspaceId = await addWorkspace(current());
        await say(workspaceId, 'neighbour');
        await save(workspaceId, 'neighbour');
        const before = await countRows();
        const shareOf = (userId: string) => ({
          quota: {
            periodStart: 0,
            periodEnd: 1,
            shares: [workspaceId, userOwnerId(userId)].map((ownerId) => ({
              workspaceId,
              ownerId,
              limit: null,
              warnAt: null,
            })),
          },
        });
        for (const userId of ['gone', 'gone-too']) {
          for (let turns = 0; turns < 3; turns++) {
            const idempotency = { route: 'chat', key: `${userId}-${turns}`, fingerprint: 'f', expiresAt: at + 1_000 };
            await say(workspaceId, userId, { idempotency, newConversation: turns === 1, ...shareOf(userId) });
          }
        }
        await run(`insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
          values ('${workspaceId}', 'evt_x', 'usage.threshold', 'user:gone', 0, 1, 1)`);
        await store.transact((writers) =>
          writers.users.addLink({ workspaceId, mode: 'live', userId: 'gone' }, 'gone-too', at),
        );
        await regroup(workspaceId, ['gone', 'gone-too']);
        const running = await acceptTurn(current(), workspaceId, { userId: 'gone', ...shareOf('gone') });
        const erasure = await eraseAll(workspaceId, ['gone', 'gone-too'], limit);
        expect(erasure).toMatchObject({ status: 'completed', users: 2, conversations: 4, messages: 13, turns: 7 });
        expect(await store.turns.finish(completed(running.turn))).toBeNull();
        const after = await countRows();
        // the workspace was charged for what was answered; its counter of that period says how much
        expect(after).toEqual({
          ...before,
          erasures: 1,
          quota_ledger: (before['quota_ledger'] ?? 0) + 6,
          quota_periods: (before['quota_periods'] ?? 0) + 1,
        });
        expect(await store.readers.usage.counter(workspaceId, workspaceId, 0)).toEqual({ used: 6, reserved: 0 });
        expect(await find(workspaceId, 'neighbour')).not.toBeNull();
      });
    }

    it('takes the keys along that were held for turns which had been deleted before', async () => {
      const { store, countRows } = current();
      const workspaceId = await addWorkspace(current());
      const keys = async () => (await countRows())['idempotency_keys'];
      const keyOf = (key: string) => ({
        newConversation: true,
        idempotency: { route: 'chat', key, fingerprint: 'f', expiresAt: at + 1_000 },
      });
      const [early, late] = [
        await say(workspaceId, 'gone', keyOf('early')),
        await say(workspaceId, 'gone', keyOf('late')),
      ];
      await say(workspaceId, 'neighbour', keyOf('neighbour'));
      const markDeleted = (id: string) =>
        store.transact(({ conversations }) => conversations.markDeleted(workspaceId, id, at));
      const purge = async (id: string): Promise<void> => {
        while (!(await store.transact(({ conversations }) => conversations.purge(workspaceId, id, 1_000)))) continue;
      };
      await markDeleted(early);
      await purge(early);
      expect(await keys()).toBe(3);
      await markDeleted(late);
      const erasure = erasureOf(workspaceId, 1);
      const ids = { workspaceId, mode: 'live' as const, userIds: ['gone'] };
      await store.transact((writers) => writers.users.beginErasure(ids, erasure));
      // by the job that was added when it was deleted, beside the erasure
      await purge(late);
      while (!(await store.transact((writers) => writers.users.purgeErased(workspaceId, erasure.id, 10)))) continue;
      expect(await keys()).toBe(1);
    });

    it('comes back as somebody new, whom the rest of the erasure does not touch', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const old = await say(workspaceId, 'back');
      const erasure = erasureOf(workspaceId, 1);
      const ids = { workspaceId, mode: 'live' as const, userIds: ['back'] };
      await store.transact((writers) => writers.users.beginErasure(ids, erasure));
      expect(await store.readers.conversations.find(workspaceId, old)).toBeNull();
      const fresh = await say(workspaceId, 'back', { at: at + 1 });
      expect(fresh).not.toBe(old);
      while (!(await store.transact((writers) => writers.users.purgeErased(workspaceId, erasure.id, 1))));
      expect(await store.readers.conversations.find(workspaceId, fresh)).not.toBeNull();
      expect(await find(workspaceId, 'back')).not.toBeNull();
    });

    it('ends their running and waiting turns, and nothing stays reserved', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const running = await acceptTurn(current(), workspaceId, { userId: 'talking' });
      const waiting = await acceptTurn(current(), workspaceId, { userId: 'talking' });
      const erasure = erasureOf(workspaceId, 1);
      const ids = { workspaceId, mode: 'live' as const, userIds: ['talking'] };
      const { endedTurns } = await store.transact((writers) => writers.users.beginErasure(ids, erasure));
      expect(endedTurns).toEqual([running.turn.id, waiting.turn.id]);
      expect(await store.turns.find(workspaceId, running.turn.id)).toBeNull();
    });

    describe('whose turns run in what is not theirs', () => {
      const lease = { owner: 'node_test', durationMs: 60_000 };
      const countingOn = (workspaceId: string, userId: string) => ({
        quota: {
          periodStart: 0,
          periodEnd: 1,
          shares: [workspaceId, userOwnerId(userId)].map((ownerId) => ({
            workspaceId,
            ownerId,
            limit: null,
            warnAt: null,
          })),
        },
      });
      const usageOf = async (workspaceId: string, ownerId: string) => {
        const { usage } = current().store.readers;
        const { items } = await usage.ledger(
          workspaceId,
          { ownerId, botIds: null },
          { limit: 9, after: null, before: null },
        );
        return { ...(await usage.counter(workspaceId, ownerId, 0)), charges: items.length };
      };

      it('leaves the conversation to its user and to whoever waits in it, and comes back with a quota of their own', async () => {
        const { store } = current();
        const workspaceId = await addWorkspace(current());
        const conversationId = await say(workspaceId, 'bob', countingOn(workspaceId, 'bob'));
        await save(workspaceId, 'ann');
        await regroup(workspaceId, ['ann', 'bob']);
        const { turn } = await acceptTurn(current(), workspaceId, { userId: 'ann', ...countingOn(workspaceId, 'ann') });
        expect(turn.conversationId).toBe(conversationId);
        const { id: turnId, fence } = turn;
        await store.turns.keepPartial({ workspaceId, turnId, fence, text: 'half', receipt: null, lease, at });
        const { turn: behind } = await acceptTurn(current(), workspaceId, {
          userId: 'bob',
          ...countingOn(workspaceId, 'bob'),
        });
        const { turn: third } = await acceptTurn(current(), workspaceId, {
          userId: 'ann',
          ...countingOn(workspaceId, 'ann'),
        });
        await regroup(workspaceId, ['ann'], ['bob']);

        const erasure = erasureOf(workspaceId, 1);
        const ids = { workspaceId, mode: 'live' as const, userIds: ['ann'] };
        const { endedTurns } = await store.transact((writers) => writers.users.beginErasure(ids, erasure));
        expect(endedTurns.toSorted()).toEqual([turn.id, third.id].toSorted());
        const back = await acceptTurn(current(), workspaceId, { userId: 'ann', ...countingOn(workspaceId, 'ann') });
        expect(await store.turns.finish(completed(turn))).toBeNull();
        expect(await store.turns.finish({ ...completed(back.turn), at: at + 1 })).not.toBeNull();
        while (!(await store.transact((writers) => writers.users.purgeErased(workspaceId, erasure.id, 10))));
        // what was stored of the reply was charged to the workspace; what came back counts alone
        expect(await usageOf(workspaceId, userOwnerId('ann'))).toEqual({ used: 1, reserved: 0, charges: 1 });
        expect(await usageOf(workspaceId, workspaceId)).toEqual({ used: 3, reserved: 1, charges: 3 });
        expect((await store.turns.find(workspaceId, turn.id))?.turn).toMatchObject({ status: 'cancelled', charged: 1 });
        expect((await store.turns.find(workspaceId, third.id))?.turn).toMatchObject({
          status: 'cancelled',
          charged: 0,
        });

        const options = { soleOwner: false, except: [], historyLimit: 0, limit: 10, at };
        const taken = await store.turns.takeOver({ lease, ...options });
        expect(taken.map(({ claimed }) => claimed.turn.id)).toEqual([behind.id]);
        expect(await store.turns.finish(completed(taken[0]!.claimed.turn))).not.toBeNull();
        expect(await say(workspaceId, 'bob', countingOn(workspaceId, 'bob'))).toBe(conversationId);
        expect(await usageOf(workspaceId, userOwnerId('bob'))).toEqual({ used: 3, reserved: 0, charges: 3 });
      });

      it('is named by none of their turns that had ended there, which stay charged as they were', async () => {
        const { store } = current();
        const workspaceId = await addWorkspace(current());
        const conversationId = await say(workspaceId, 'bob', countingOn(workspaceId, 'bob'));
        await save(workspaceId, 'ann');
        await regroup(workspaceId, ['ann', 'bob']);
        const principal = 'visitor:ann';
        const turnsOfAnn: string[] = [];
        for (const change of [
          {},
          { charge: false, status: 'failed', errorCode: 'model_error', reply: null },
        ] as const) {
          const { turn } = await acceptTurn(current(), workspaceId, {
            userId: 'ann',
            principal,
            ...countingOn(workspaceId, 'ann'),
          });
          expect(turn.conversationId).toBe(conversationId);
          await store.turns.finish({ ...completed(turn), ...change });
          turnsOfAnn.push(turn.id);
        }
        const mixed = await acceptTurn(current(), workspaceId, { userId: 'bob', ...countingOn(workspaceId, 'bob') });
        await store.turns.finish(completed(mixed.turn));
        await regroup(workspaceId, ['ann'], ['bob']);
        expect(await eraseAll(workspaceId, ['ann'], 10)).toMatchObject({ status: 'completed', conversations: 0 });
        const root = { workspaceId, ownerId: workspaceId };
        for (const turnId of turnsOfAnn) {
          const turn = (await store.turns.find(workspaceId, turnId))?.turn;
          expect(turn).toMatchObject({ quotaOwners: [root], principal: 'visitor:' });
        }
        expect((await store.turns.find(workspaceId, mixed.turn.id))?.turn.quotaOwners).toEqual([
          root,
          { workspaceId, ownerId: userOwnerId('bob') },
        ]);
        expect(await usageOf(workspaceId, workspaceId)).toEqual({ used: 3, reserved: 0, charges: 3 });
        expect(await usageOf(workspaceId, userOwnerId('bob'))).toEqual({ used: 2, reserved: 0, charges: 2 });
        expect(await usageOf(workspaceId, userOwnerId('ann'))).toEqual({ used: 0, reserved: 0, charges: 0 });
      });

      it('leaves no charge behind where a visitor had handed their conversation over', async () => {
        const { store } = current();
        const workspaceId = await addWorkspace(current());
        const counting = countingOn(workspaceId, 'visitor');
        const { turn } = await acceptTurn(current(), workspaceId, { userId: 'visitor', ...counting });
        const place = { workspaceId, botId: 'bot_a', visitorId: 'visitor' };
        await store.transact((writers) => writers.visitors.handOver(place, { userId: 'known', at }));
        expect(await eraseAll(workspaceId, ['visitor'], 10)).toMatchObject({ status: 'completed', conversations: 0 });
        expect(await store.turns.finish(completed(turn))).toBeNull();
        expect(await usageOf(workspaceId, userOwnerId('visitor'))).toEqual({ used: 0, reserved: 0, charges: 0 });
        expect(await usageOf(workspaceId, workspaceId)).toEqual({ used: 0, reserved: 0, charges: 0 });
        expect(await say(workspaceId, 'known')).toBe(turn.conversationId);
      });
    });
  });
};
