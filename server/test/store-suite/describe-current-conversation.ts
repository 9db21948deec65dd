import { describe, expect, it } from 'vitest';
import type { Conversation, ConversationStatus } from '../../src/core/conversation/conversation.ts';
import { acceptTurn, addConversation, addWorkspace, at, type CurrentStore } from './store-under-test.ts';

/** Which conversation a user's next message goes to, as the next message finds out. */
export const describeCurrentConversation = (current: CurrentStore): void => {
  describe("a user's current conversation", () => {
    const next = async (workspaceId: string, userId = 'user-1'): Promise<string> => {
      const accepted = await acceptTurn(current(), workspaceId, { userId });
      await current().store.turns.requestStop({
        workspaceId,
        turnId: accepted.turn.id,
        request: 'cancel',
        log: '[1]',
        at,
      });
      return accepted.turn.conversationId;
    };
    const setStatus = (conversation: Conversation, status: ConversationStatus) =>
      current().store.transact((writers) => writers.conversations.update({ ...conversation, status }));

    it('is the newest one', async () => {
      const workspaceId = await addWorkspace(current());
      await addConversation(current(), workspaceId);
      const newest = await addConversation(current(), workspaceId);
      expect(await next(workspaceId)).toBe(newest.id);
    });

    it('is the latest other that is not closed once it is closed', async () => {
      const workspaceId = await addWorkspace(current());
      const first = await addConversation(current(), workspaceId);
      const second = await addConversation(current(), workspaceId);
      const third = await addConversation(current(), workspaceId);
      await addConversation(current(), workspaceId, { userId: 'user-2' });
      await setStatus(second, 'closed');
      await setStatus(third, 'closed');
      expect(await next(workspaceId)).toBe(first.id);
    });

    it('is a new one once all are closed', async () => {
      const workspaceId = await addWorkspace(current());
      const only = await addConversation(current(), workspaceId);
      await setStatus(only, 'closed');
      expect(await next(workspaceId)).not.toBe(only.id);
    });

    it('is one that is opened again', async () => {
      const workspaceId = await addWorkspace(current());
      const first = await addConversation(current(), workspaceId);
      await setStatus(first, 'closed');
      await addConversation(current(), workspaceId);
      await setStatus(first, 'open');
      expect(await next(workspaceId)).toBe(first.id);
    });

    it('stays while a person has it', async () => {
      const workspaceId = await addWorkspace(current());
      await addConversation(current(), workspaceId);
      const newest = await addConversation(current(), workspaceId);
      await setStatus(newest, 'human');
      expect(await next(workspaceId)).toBe(newest.id);
    });

    it('is the latest other once it is deleted, and stays where another is deleted', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const first = await addConversation(current(), workspaceId);
      const second = await addConversation(current(), workspaceId);
      const third = await addConversation(current(), workspaceId);
      await store.transact((writers) => writers.conversations.markDeleted(workspaceId, second.id, at));
      expect(await next(workspaceId)).toBe(third.id);
      await store.transact((writers) => writers.conversations.markDeleted(workspaceId, third.id, at));
      expect(await next(workspaceId)).toBe(first.id);
    });
  });
};
