import { describe, expect, it } from 'vitest';
import { botDefaults } from '../../src/core/bot/bot-defaults.ts';
import { dayAt } from '../../src/core/usage/period.ts';
import type { Client } from '../../src/core/workspace/client.ts';
import { newId } from '../../src/kit/id.ts';
import { acceptTurn, addWorkspace, at, completed, type CurrentStore, walk } from './store-under-test.ts';

const clientOf = (parentId: string, change: Partial<Client> = {}): Client => ({
  id: newId('ws'),
  parentId,
  name: 'Blankets',
  plan: null,
  share: { messagesPerMonth: 10, warnAt: 8 },
  branding: { colour: '#fff' },
  metadata: {},
  createdAt: at,
  updatedAt: at,
  ...change,
});

export const describeClients = (current: CurrentStore): void => {
  describe('client workspaces', () => {
    const add = async (parentId: string, change: Partial<Client> = {}): Promise<Client> => {
      const client = clientOf(parentId, change);
      await current().store.transact((writers) => writers.clients.insert(client));
      return client;
    };
    const readers = () => current().store.readers;

    it('are read as they were written, by their parent alone', async () => {
      const parentId = await addWorkspace(current());
      const client = await add(parentId);
      expect(await readers().clients.find(parentId, client.id)).toEqual(client);
      expect(await readers().clients.find(await addWorkspace(current()), client.id)).toBeNull();
      expect(await readers().clients.find(parentId, parentId)).toBeNull();
      expect(await readers().workspaces.find(client.id)).toMatchObject({ parentId, share: client.share, plan: null });
    });

    it('change from a share to a plan and back', async () => {
      const parentId = await addWorkspace(current());
      const client = await add(parentId);
      const planned: Client = { ...client, plan: 'growth', share: null, name: 'Rugs', updatedAt: at + 1 };
      await current().store.transact((writers) => writers.clients.update(planned));
      expect(await readers().clients.find(parentId, client.id)).toEqual(planned);
      expect(await readers().workspaces.find(client.id)).toMatchObject({ plan: 'growth', share: null });
      await current().store.transact((writers) => writers.clients.update(client));
      expect(await readers().clients.find(parentId, client.id)).toEqual(client);
    });

    it('are listed newest first, page by page', async () => {
      const parentId = await addWorkspace(current());
      const ids: string[] = [];
      for (let count = 0; count < 5; count++) ids.unshift((await add(parentId)).id);
      await add(await addWorkspace(current()));
      const { down, up } = await walk((page) => readers().clients.list(parentId, page), 2);
      expect([down, up]).toEqual([ids, ids]);
      expect(await readers().clients.count(parentId)).toBe(5);
    });

    it('are told with what each has used, the most used first', async () => {
      const parentId = await addWorkspace(current());
      const [idle, busy] = [await add(parentId), await add(parentId)];
      const accepted = await acceptTurn(current(), busy.id);
      await current().store.turns.finish(completed(accepted.turn));
      const usage = await readers().clients.usage(parentId, accepted.turn.periodStart, 10);
      expect(usage.map(({ client, used, reserved }) => [client.id, used, reserved])).toEqual([
        [busy.id, 1, 0],
        [idle.id, 0, 0],
      ]);
    });

    it('are no longer found once they are marked as deleted', async () => {
      const parentId = await addWorkspace(current());
      const client = await add(parentId);
      await current().store.transact((writers) => writers.clients.markDeleted(client, at));
      expect(await readers().clients.find(parentId, client.id)).toBeNull();
      expect(await readers().workspaces.find(client.id)).toBeNull();
      expect(await readers().clients.count(parentId)).toBe(0);
    });

    it('count nothing more once they are marked as deleted, though a model answers late', async () => {
      const parentId = await addWorkspace(current());
      const client = await add(parentId);
      const conversation = { workspaceId: client.id, mode: 'live', botId: 'bot_a', channel: 'api' } as const;
      const use = () =>
        current().store.transact(({ memories }) =>
          memories.addUsage({ conversation, inputTokens: 5, outputTokens: 2, at }),
        );
      const sums = () =>
        readers().usage.sums(client.id, { mode: 'live', from: dayAt(at), to: dayAt(at), botIds: null }, 10);
      await use();
      await use();
      expect(await sums()).toMatchObject([{ turns: 0, messages: 0, memoryInputTokens: 10, memoryOutputTokens: 4 }]);
      await current().store.transact((writers) => writers.clients.markDeleted(client, at));
      await use();
      expect(await sums()).toMatchObject([{ memoryInputTokens: 10, memoryOutputTokens: 4 }]);
    });

    it('refuse to be purged while they are in use', async () => {
      const client = await add(await addWorkspace(current()));
      const purge = current().store.transact(({ clients }) => clients.purge(client.id, { limit: 10, at }));
      await expect(purge).rejects.toThrow('marked as deleted');
    });

    it('leave no row in any table and give back what they hold of the parent, in batches', async () => {
      const parentId = await addWorkspace(current());
      const before = await current().countRows();
      const client = await add(parentId);
      const { id: workspaceId } = client;
      const share = (owner: string) => ({ workspaceId: owner, ownerId: owner, limit: null, warnAt: null });
      const { store } = current();
      const turnOf = async (change: Parameters<typeof acceptTurn>[2]) => {
        const { turn } = await acceptTurn(current(), workspaceId, { newConversation: true, ...change });
        return turn;
      };
      const one = await turnOf({ idempotency: { route: 'chat', key: 'k', fingerprint: 'f', expiresAt: at + 1_000 } });
      await store.turns.finish(completed(one));
      const quota = {
        periodStart: one.periodStart,
        periodEnd: one.periodStart + 1,
        shares: [share(parentId), share(workspaceId)],
      };
      const running = await turnOf({ quota, userId: 'user-2' });
      const waiting = await turnOf({
        quota,
        conversationId: running.conversationId,
        newConversation: false,
        userId: null,
      });
      for (let count = 0; count < 7; count++) await store.turns.finish(completed(await turnOf({ botId: 'bot_b' })));
      await store.transact(async (writers) => {
        const config = { ...botDefaults('builtin'), name: 'Idle' };
        const bot = { id: 'bot_idle', workspaceId, version: 1, createdAt: at, updatedAt: at, config };
        await writers.bots.insert(bot, 'test');
        const limits = { messagesPerMonth: 1, warnAt: null };
        await writers.bots.setQuotas({ ...bot, quotas: { bot: limits, user: limits } }, at);
        await writers.audit.append({
          workspaceId,
          actor: 'test',
          action: 'bot.create',
          target: 'bot_a',
          detail: {},
          at,
        });
        await writers.jobs.enqueue({ workspaceId, kind: 'purge-conversation', payload: { conversationId: 'x' } });
      });
      await store.transact((writers) => writers.clients.markDeleted(client, at));
      const ended: string[] = [];
      let batches = 0;
      for (let done = false; !done; batches++) {
        const batch = await store.transact(({ clients }) => clients.purge(workspaceId, { limit: 10, at }));
        ended.push(...batch.endedTurns);
        ({ done } = batch);
      }
      expect(batches).toBeGreaterThan(4);
      expect(ended.toSorted()).toEqual([running.id, waiting.id].toSorted());
      expect(await store.readers.usage.counter(parentId, parentId, one.periodStart)).toEqual({ used: 0, reserved: 0 });
      // the parent's own counter of the period is all that is new
      expect(await current().countRows()).toEqual({ ...before, quota_periods: (before['quota_periods'] ?? 0) + 1 });
      const again = await store.transact(({ clients }) => clients.purge(workspaceId, { limit: 10, at }));
      expect(again).toEqual({ done: true, endedTurns: [] });
    });
  });
};
