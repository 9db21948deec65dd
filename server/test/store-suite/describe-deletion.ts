import { describe, expect, it } from 'vitest';
import {
  acceptTurn,
  addConversation,
  addMessages,
  addWorkspace,
  at,
  completed,
  type CurrentStore,
  firstPage,
} from './store-under-test.ts';
import { packReceipt } from '../../src/core/turn/receipt-record.ts';
import { estimateTokens } from '../../src/kit/token-estimate.ts';
import { periodAt } from '../../src/core/usage/period.ts';

export const describeDeletion = (current: CurrentStore): void => {
  const purge = async (workspaceId: string, conversationId: string, limit: number): Promise<number> => {
    for (let batches = 1; batches < 1_000; batches++) {
      const done = await current().store.transact((writers) =>
        writers.conversations.purge(workspaceId, conversationId, limit),
      );
      if (done) return batches;
    }
    throw new Error('the purge does not end');
  };
  const markDeleted = (workspaceId: string, conversationId: string): Promise<string[]> =>
    current().store.transact((writers) => writers.conversations.markDeleted(workspaceId, conversationId, at));

  describe('a deleted conversation', () => {
    it('is invisible at once', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await addMessages(current(), conversation, ['hello']);
      expect(await markDeleted(workspaceId, conversation.id)).toEqual([]);
      const { conversations } = store.readers;
      expect(await conversations.find(workspaceId, conversation.id)).toBeNull();
      for (const filter of [{}, { userId: 'user-1' }, { query: 'hello' }]) {
        const found = await conversations.list(workspaceId, { mode: 'live', botIds: null, ...filter }, firstPage);
        expect(found.items).toEqual([]);
      }
    });

    it('ends its running and waiting turns without a charge, and nothing more can be written for them', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const running = await acceptTurn(current(), workspaceId);
      const waiting = await acceptTurn(current(), workspaceId);
      expect(waiting.turn.status).toBe('queued');
      const { start } = periodAt(at);
      expect(await store.readers.usage.counter(workspaceId, workspaceId, start)).toEqual({ used: 0, reserved: 2 });

      expect(await markDeleted(workspaceId, running.turn.conversationId)).toEqual([running.turn.id, waiting.turn.id]);
      expect(await store.readers.usage.counter(workspaceId, workspaceId, start)).toEqual({ used: 0, reserved: 0 });
      expect(await store.turns.finish(completed(running.turn))).toBeNull();
      expect(await store.readers.usage.counter(workspaceId, workspaceId, start)).toEqual({ used: 0, reserved: 0 });
    });

    describe.each(['live', 'test'] as const)('of %s mode counts the turns that it ends', (mode) => {
      const text = 'Half of a reply';
      const receipt = packReceipt({
        budget: { limitTokens: 100, usedTokens: 40 },
        sections: [],
        leftOut: [],
        attempts: [],
        timingsMs: {},
        cost: null,
      });
      const log = '[1]';
      /** A workspace with a turn that has text, one that has none and one that waits; gives them, and how usage stands. */
      const open = async () => {
        const { store } = current();
        const workspaceId = await addWorkspace(current());
        const quota = { periodStart: periodAt(at).start, periodEnd: periodAt(at).end, shares: [] };
        const change = { mode, ...(mode === 'test' ? { quota } : {}) };
        const accept = async (userId: string) => (await acceptTurn(current(), workspaceId, { ...change, userId })).turn;
        const [told, silent, waiting] = [await accept('ada'), await accept('eve'), await accept('eve')];
        const place = { workspaceId, turnId: told.id, fence: told.fence };
        await store.turns.keepPartial({
          ...place,
          text,
          receipt,
          lease: { owner: 'node_test', durationMs: 60_000 },
          at,
        });
        const usage = async () => ({
          days: await store.readers.usage.daily(
            workspaceId,
            { mode, from: '2026-11-01', to: '2026-11-30', botIds: null },
            10,
          ),
          counter: await store.readers.usage.counter(workspaceId, workspaceId, told.periodStart),
        });
        return { workspaceId, told, silent, waiting, usage };
      };

      it('as a cancel does', async () => {
        const { turns } = current().store;
        const cancelled = await open();
        const { workspaceId, told, silent, waiting } = cancelled;
        const end = { ...completed(told), status: 'cancelled', finishReason: 'cancelled', reply: null } as const;
        await turns.requestStop({ workspaceId, turnId: waiting.id, request: 'cancel', log, at });
        await turns.finish({ ...end, inputTokens: 40, outputTokens: estimateTokens(text) });
        await turns.finish({ ...end, turn: silent, charge: false, inputTokens: 0, outputTokens: 0 });

        const deleted = await open();
        for (const { conversationId } of [deleted.told, deleted.silent]) {
          await markDeleted(deleted.workspaceId, conversationId);
        }
        const messages = mode === 'live' ? 1 : 0;
        expect(await deleted.usage()).toEqual(await cancelled.usage());
        expect(await deleted.usage()).toMatchObject({
          days: [{ turns: 3, messages, inputTokens: 40, outputTokens: estimateTokens(text) }],
          counter: { used: messages, reserved: 0 },
        });
      });
    });

    it('is marked once: a second time ends nothing', async () => {
      const workspaceId = await addWorkspace(current());
      const running = await acceptTurn(current(), workspaceId);
      await markDeleted(workspaceId, running.turn.conversationId);
      expect(await markDeleted(workspaceId, running.turn.conversationId)).toEqual([]);
    });

    it('of another workspace is not touched', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      const other = await addWorkspace(current());
      expect(await markDeleted(other, conversation.id)).toEqual([]);
      expect(await store.readers.conversations.find(workspaceId, conversation.id)).not.toBeNull();
    });

    for (const limit of [1, 3, 1_000]) {
      it(`leaves no row of it in any table but its keys when it is purged ${limit} rows at a time`, async () => {
        const { store, countRows, run } = current();
        const workspaceId = await addWorkspace(current());
        await run(`insert into webhook_endpoints (workspace_id, id, url, events, status, created_at)
          values ('${workspaceId}', 'hook_a', 'https://shop.example', '[]', 'enabled', 1)`);
        // the user, the day, the period and the charges stay; another conversation shows what must not be touched
        const kept = await acceptTurn(current(), workspaceId, { userId: 'user-1', newConversation: true });
        await store.turns.finish(completed(kept.turn));
        const before = await countRows();

        let conversationId: string | null = null;
        for (let turns = 0; turns < 4; turns++) {
          const accepted = await acceptTurn(current(), workspaceId, {
            conversationId,
            newConversation: conversationId === null,
            idempotency: { route: 'chat', key: `key-${turns}`, fingerprint: 'f', expiresAt: at + 1_000 },
          });
          ({ conversationId } = accepted.turn);
          if (turns < 3) await store.turns.finish({ ...completed(accepted.turn), charge: false });
        }
        if (conversationId === null) throw new Error('no conversation');
        expect(await countRows()).toMatchObject({ idempotency_keys: 4, outbox: 6, turn_records: 4, turns: 5 });
        await markDeleted(workspaceId, conversationId);
        await purge(workspaceId, conversationId, limit);
        expect(await countRows()).toEqual({ ...before, idempotency_keys: (before['idempotency_keys'] ?? 0) + 4 });
      });
    }

    it('is not answered again under a key that made one of its turns, until that expires', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const idempotency = { route: 'chat', key: 'once', fingerprint: 'f', expiresAt: at + 1_000 };
      for (const userId of ['user-1', null]) {
        const asked = { userId, idempotency: { ...idempotency, key: `once-${userId}` } };
        const { turn } = await acceptTurn(current(), workspaceId, asked);
        await store.turns.finish(completed(turn));
        await markDeleted(workspaceId, turn.conversationId);
        await purge(workspaceId, turn.conversationId, 1_000);
        for (const fingerprint of ['f', 'other']) {
          const retry = acceptTurn(current(), workspaceId, {
            ...asked,
            idempotency: { ...asked.idempotency, fingerprint },
          });
          await expect(retry).rejects.toMatchObject({ code: 'not_found' });
        }
        const later = { ...asked, idempotency: { ...asked.idempotency, expiresAt: at + 3_000 }, at: at + 2_000 };
        const fresh = await acceptTurn(current(), workspaceId, later);
        expect(fresh.turn.id).not.toBe(turn.id);
        // it belongs to the new turn from then on
        const again = await acceptTurn(current(), workspaceId, later);
        expect([again.kind, again.turn.id]).toEqual(['replayed', fresh.turn.id]);
      }
    });

    it('is purged in batches', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await addMessages(
        current(),
        conversation,
        Array.from({ length: 25 }, () => 'hello'),
      );
      await markDeleted(workspaceId, conversation.id);
      expect(await purge(workspaceId, conversation.id, 10)).toBe(3);
      expect((await current().countRows())['messages']).toBe(0);
    });

    it('must be marked before it is purged', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await expect(purge(workspaceId, conversation.id, 10)).rejects.toThrow('marked');
      expect(await current().store.readers.conversations.find(workspaceId, conversation.id)).not.toBeNull();
    });
  });
};
