import { describe, expect, it } from 'vitest';
import type { AcceptedTurn } from '../../src/core/turn/turn.ts';
import { acceptTurn, addWorkspace, at, type CurrentStore } from './store-under-test.ts';

const visitorId = 'visitor_a';

/** Anonymous visitors, and how what they have becomes a known user's. */
export const describeVisitors = (current: CurrentStore): void => {
  describe("a visitor's conversation", () => {
    const placeIn = (workspaceId: string) => ({ workspaceId, botId: 'bot_a', visitorId });
    const handOver = (workspaceId: string, userId: string) =>
      current().store.transact((writers) => writers.visitors.handOver(placeIn(workspaceId), { userId, at: at + 1 }));
    const sayAs = (workspaceId: string, userId: string, change = {}): Promise<AcceptedTurn> =>
      acceptTurn(current(), workspaceId, { userId, ...change });

    it('becomes the user’s with its turns, and is the one that their next message goes to', async () => {
      const workspaceId = await addWorkspace(current());
      await sayAs(workspaceId, 'customer-1');
      const { turn } = await sayAs(workspaceId, visitorId);
      expect(await handOver(workspaceId, 'customer-1')).toBe(turn.conversationId);
      const { readers, turns } = current().store;
      expect(await readers.conversations.find(workspaceId, turn.conversationId)).toMatchObject({
        userId: 'customer-1',
      });
      expect((await turns.find(workspaceId, turn.id))?.turn.userId).toBe('customer-1');
      expect((await sayAs(workspaceId, 'customer-1')).turn.conversationId).toBe(turn.conversationId);
      expect((await sayAs(workspaceId, visitorId)).turn.conversationId).not.toBe(turn.conversationId);
    });

    it('makes a user of somebody who has never been there', async () => {
      const workspaceId = await addWorkspace(current());
      await sayAs(workspaceId, visitorId);
      await handOver(workspaceId, 'new-one');
      const known = await current().store.readers.users.find({ workspaceId, mode: 'live', userId: 'new-one' });
      expect(known).toMatchObject({ userId: 'new-one', traits: {} });
    });

    it('is handed over once: what is a user’s stays theirs', async () => {
      const workspaceId = await addWorkspace(current());
      const { turn } = await sayAs(workspaceId, visitorId);
      const { readers } = current().store;
      expect(await readers.visitors.hasCurrentConversation(placeIn(workspaceId))).toBe(true);
      const given = await Promise.all(['one', 'two', 'three'].map((userId) => handOver(workspaceId, userId)));
      expect(given.filter((id) => id !== null)).toEqual([turn.conversationId]);
      expect(await readers.visitors.hasCurrentConversation(placeIn(workspaceId))).toBe(false);
      const owner = ['one', 'two', 'three'][given.indexOf(turn.conversationId)];
      expect((await readers.conversations.find(workspaceId, turn.conversationId))?.userId).toBe(owner);
    });

    it('of another workspace, bot or mode is left alone', async () => {
      const [workspaceId, other] = [await addWorkspace(current()), await addWorkspace(current())];
      await sayAs(other, visitorId);
      await sayAs(workspaceId, visitorId, { botId: 'bot_b' });
      await sayAs(workspaceId, visitorId, { mode: 'test' });
      expect(await handOver(workspaceId, 'customer-1')).toBeNull();
    });

    it('is gone for everybody once it was deleted', async () => {
      const workspaceId = await addWorkspace(current());
      const { turn } = await sayAs(workspaceId, visitorId);
      await current().store.transact((writers) =>
        writers.conversations.markDeleted(workspaceId, turn.conversationId, at),
      );
      expect(await handOver(workspaceId, 'customer-1')).toBeNull();
    });
  });
};
