import { describe, expect, it } from 'vitest';
import { dayAt, periodAt } from '../../src/core/usage/period.ts';
import { acceptTurn, addWorkspace, at, completed, type CurrentStore, firstPage, walk } from './store-under-test.ts';

const day = dayAt(at);
const dayMs = 24 * 60 * 60 * 1000;

export const describeUsage = (current: CurrentStore): void => {
  describe('usage', () => {
    const chat = async (workspaceId: string, change: Parameters<typeof acceptTurn>[2] = {}): Promise<string> => {
      const accepted = await acceptTurn(current(), workspaceId, { newConversation: true, ...change });
      await current().store.turns.finish({ ...completed(accepted.turn), at: change.at ?? at });
      return accepted.turn.id;
    };
    const remembered = { memoryInputTokens: 0, memoryOutputTokens: 0 };
    const figures = { turns: 1, messages: 1, inputTokens: 10, outputTokens: 3, ...remembered };

    it('counts nothing where nothing was used', async () => {
      const { usage } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      expect(await usage.counter(workspaceId, workspaceId, periodAt(at).start)).toEqual({ used: 0, reserved: 0 });
    });

    it('has a charge for each message, and their sum is the counter', async () => {
      const { usage } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      const turnIds: string[] = [];
      for (let count = 0; count < 5; count++) turnIds.unshift(await chat(workspaceId));
      const all = { ownerId: workspaceId, botIds: null };
      const { down, up } = await walk((page) => usage.ledger(workspaceId, all, page), 2);
      expect(down).toHaveLength(5);
      expect(up).toEqual(down);
      const { items } = await usage.ledger(workspaceId, all, { ...firstPage, limit: 100 });
      expect(items.map(({ turnId }) => turnId)).toEqual(turnIds);
      const { used } = await usage.counter(workspaceId, workspaceId, periodAt(at).start);
      expect(items.reduce((sum, entry) => sum + entry.messages, 0)).toBe(used);
    });

    it('shows the charges of some bots, and none of another workspace', async () => {
      const { usage } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      const own = await chat(workspaceId, { botId: 'bot_b' });
      await chat(workspaceId, { botId: 'bot_a' });
      const limited = await usage.ledger(workspaceId, { ownerId: workspaceId, botIds: ['bot_b'] }, firstPage);
      expect(limited.items.map(({ turnId }) => turnId)).toEqual([own]);
      expect((await usage.ledger(workspaceId, { ownerId: workspaceId, botIds: [] }, firstPage)).items).toEqual([]);
      const other = await addWorkspace(current());
      expect((await usage.ledger(other, { ownerId: workspaceId, botIds: null }, firstPage)).items).toEqual([]);
    });

    it('is told by day, bot and channel, oldest first and with both ends of the span', async () => {
      const { usage } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      const next = dayAt(at + dayMs);
      await chat(workspaceId, { at: at + dayMs });
      await chat(workspaceId, { channel: 'telegram' });
      await chat(workspaceId);
      await chat(workspaceId);
      await chat(workspaceId, { at: at - dayMs });
      const span = { mode: 'live' as const, from: day, to: next, botIds: null };
      expect(await usage.daily(workspaceId, span, 100)).toEqual([
        { day, botId: 'bot_a', channel: 'api', turns: 2, messages: 2, inputTokens: 20, outputTokens: 6, ...remembered },
        { day, botId: 'bot_a', channel: 'telegram', ...figures },
        { day: next, botId: 'bot_a', channel: 'api', ...figures },
      ]);
      expect(await usage.daily(workspaceId, span, 1)).toHaveLength(1);
      expect(await usage.daily(workspaceId, { ...span, botIds: ['bot_b'] }, 100)).toEqual([]);
      expect(await usage.daily(await addWorkspace(current()), span, 100)).toEqual([]);
    });

    it('is summed over a span by bot and channel', async () => {
      const { usage } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      await chat(workspaceId);
      await chat(workspaceId, { at: at + dayMs });
      await chat(workspaceId, { botId: 'bot_b' });
      const span = { mode: 'live' as const, from: day, to: dayAt(at + dayMs), botIds: null };
      const sums = await usage.sums(workspaceId, span, 100);
      expect(sums.toSorted((one, other) => (one.botId < other.botId ? -1 : 1))).toEqual([
        { botId: 'bot_a', channel: 'api', turns: 2, messages: 2, inputTokens: 20, outputTokens: 6, ...remembered },
        { botId: 'bot_b', channel: 'api', ...figures },
      ]);
      expect(await usage.sums(workspaceId, { ...span, botIds: ['bot_b'] }, 100)).toEqual([
        { botId: 'bot_b', channel: 'api', ...figures },
      ]);
      expect(await usage.sums(workspaceId, { ...span, botIds: [] }, 100)).toEqual([]);
    });

    it('keeps test mode apart', async () => {
      const { usage } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      const { start: periodStart, end: periodEnd } = periodAt(at);
      await chat(workspaceId, { mode: 'test', quota: { periodStart, periodEnd, shares: [] } });
      const span = { from: day, to: day, botIds: null };
      expect(await usage.daily(workspaceId, { ...span, mode: 'live' }, 100)).toEqual([]);
      expect(await usage.daily(workspaceId, { ...span, mode: 'test' }, 100)).toMatchObject([{ turns: 1, messages: 0 }]);
    });
  });
};
