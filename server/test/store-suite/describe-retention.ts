import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/core/conversation/conversation.ts';
import type { RetentionBounds } from '../../src/core/retention/retention.ts';
import {
  acceptTurn,
  addConversation,
  addMessages,
  addWorkspace,
  at,
  completed,
  type CurrentStore,
} from './store-under-test.ts';

const dayMs = 24 * 60 * 60 * 1_000;

/** What is removed of conversations because a workspace does not want it to be kept. */
export const describeRetention = (current: CurrentStore): void => {
  const place = (conversation: Conversation) => [conversation.workspaceId, conversation.id] as const;
  /** Texts, oldest first. */
  const textsOf = async (conversation: Conversation): Promise<string[]> => {
    const page = { limit: 100, after: null, before: null };
    const { items } = await current().store.readers.conversations.listMessages(...place(conversation), page);
    return items.map(({ parts }) => parts.map(({ text }) => text).join('')).toReversed();
  };
  /** Prunes to the end; gives what was left after each batch. */
  const prune = async (
    conversation: Conversation,
    bounds: Partial<RetentionBounds>,
    { limit = 100, now = at }: { limit?: number; now?: number } = {},
  ): Promise<string[][]> => {
    const left: string[][] = [];
    for (let batches = 0; batches < 100; batches++) {
      const { done } = await current().store.transact((writers) =>
        writers.retention.prune(...place(conversation), { before: null, maxMessages: null, ...bounds, limit, now }),
      );
      left.push(await textsOf(conversation));
      if (done) return left;
    }
    throw new Error('pruning does not end');
  };
  const pruned = async (...of: Parameters<typeof prune>): Promise<string[] | undefined> => (await prune(...of)).at(-1);
  /** A turn of a question and an answer at a time. */
  const say = async (conversation: Conversation, text: string, time = at): Promise<string> => {
    const accepted = await acceptTurn(current(), conversation.workspaceId, {
      userId: conversation.userId,
      conversationId: conversation.id,
      at: time,
      message: {
        id: `msg_${text}`,
        text,
        tokens: 1,
        metadata: {},
      },
    });
    const reply = { id: `msg_re-${text}`, text: `re ${text}`, tokens: 1, citations: [] };
    await current().store.turns.finish({ ...completed(accepted.turn), reply, at: time });
    return accepted.turn.id;
  };

  describe('retention', () => {
    it('is kept with the workspace, and found where something is to go', async () => {
      const { store } = current();
      const [one, other] = [await addWorkspace(current()), await addWorkspace(current())];
      expect(await store.readers.retention.find(one)).toEqual({
        retentionDays: null,
        maxMessagesPerConversation: null,
      });
      expect(await store.readers.retention.listWorkspaces('', 10)).toEqual([]);
      const retention = { retentionDays: 30, maxMessagesPerConversation: null };
      await store.transact((writers) => writers.retention.save(one, retention));
      await store.transact((writers) =>
        writers.retention.save(other, { retentionDays: null, maxMessagesPerConversation: 2 }),
      );
      expect(await store.readers.retention.find(one)).toEqual(retention);
      expect(await store.readers.retention.listWorkspaces('', 1)).toEqual([{ workspaceId: one, retention }]);
      const [second] = await store.readers.retention.listWorkspaces(one, 1);
      expect(second?.workspaceId).toBe(other);
    });

    it('by number keeps the latest messages in whole turns', async () => {
      const conversation = await addConversation(current(), await addWorkspace(current()));
      for (const text of ['a', 'b', 'c']) await say(conversation, text);
      expect(await pruned(conversation, { maxMessages: 6 })).toEqual(['a', 're a', 'b', 're b', 'c', 're c']);
      expect(await pruned(conversation, { maxMessages: 5 })).toEqual(['b', 're b', 'c', 're c']);
      expect(await pruned(conversation, { maxMessages: 4 })).toEqual(['b', 're b', 'c', 're c']);
      expect(await pruned(conversation, { maxMessages: 3 })).toEqual(['c', 're c']);
      // the latest turn stays whole, whatever its size
      expect(await pruned(conversation, { maxMessages: 1 })).toEqual(['c', 're c']);
    });

    it('by number counts what was brought in, one by one', async () => {
      const conversation = await addConversation(current(), await addWorkspace(current()));
      await addMessages(current(), conversation, ['x', 'y']);
      await say(conversation, 'a');
      await addMessages(current(), conversation, ['z']);
      expect(await pruned(conversation, { maxMessages: 4 })).toEqual(['y', 'a', 're a', 'z']);
      expect(await pruned(conversation, { maxMessages: 2 })).toEqual(['z']);
    });

    it('by age removes turns that are older, and keeps one whole that is partly young enough', async () => {
      const conversation = await addConversation(current(), await addWorkspace(current()));
      for (const [day, text] of ['a', 'b', 'c', 'd'].entries()) await say(conversation, text, at + day * dayMs);
      expect(await pruned(conversation, { before: at })).toHaveLength(8);
      expect(await pruned(conversation, { before: at + 1 })).toEqual(['b', 're b', 'c', 're c', 'd', 're d']);
      expect(await pruned(conversation, { before: at + 2.5 * dayMs })).toEqual(['d', 're d']);
      expect(await pruned(conversation, { before: at + 9 * dayMs })).toEqual([]);
    });

    it('removes nothing of a turn that runs or waits, nor of what is behind it', async () => {
      const conversation = await addConversation(current(), await addWorkspace(current()));
      const { workspaceId, id, userId } = conversation;
      await say(conversation, 'ended');
      const begin = (text: string) =>
        acceptTurn(current(), workspaceId, {
          userId,
          conversationId: id,
          message: {
            id: `msg_${text}`,
            text,
            tokens: 1,
            metadata: {},
          },
        });
      const running = await begin('running');
      await begin('waiting');
      expect(await pruned(conversation, { before: at + dayMs, maxMessages: 1 })).toEqual(['running', 'waiting']);
      const finished = await current().store.turns.finish({
        ...completed(running.turn),
        lease: { owner: 'node_test', durationMs: 60_000 },
        historyLimit: 10,
      });
      expect(finished?.next?.history.map(({ text }) => text)).toEqual(['running', 'Good day.']);
    });

    it('says how much it has removed, so that nothing is made of a round that removes nothing', async () => {
      const { store } = current();
      const conversation = await addConversation(current(), await addWorkspace(current()));
      for (const text of ['a', 'b', 'c']) await say(conversation, text);
      const batch = (now: number) =>
        store.transact(({ retention }) =>
          retention.prune(...place(conversation), { before: null, maxMessages: 2, limit: 100, now }),
        );
      expect(await batch(at)).toEqual({ done: true, removed: 4 });
      expect(await batch(at)).toEqual({ done: true, removed: 0 });
      // the turns follow their messages a day later
      expect(await batch(at + dayMs + 1)).toEqual({ done: true, removed: 2 });
    });

    it('goes in batches, between which every turn is whole', async () => {
      const conversation = await addConversation(current(), await addWorkspace(current()));
      for (let n = 0; n < 9; n++) await say(conversation, `${n}`);
      const left = await prune(conversation, { maxMessages: 2 }, { limit: 3 });
      expect(left.length).toBeGreaterThan(3);
      for (const texts of left) {
        expect(texts.length % 2).toBe(0);
        expect(texts[0]).not.toContain('re');
      }
      expect(left.at(-1)).toEqual(['8', 're 8']);
    });

    it('leaves a turn as long as a repeated request may ask for it, and then removes it with its record', async () => {
      const { store, countRows } = current();
      const conversation = await addConversation(current(), await addWorkspace(current()));
      const first = await say(conversation, 'a');
      const last = await say(conversation, 'b');
      await prune(conversation, { maxMessages: 2 });
      expect(await store.turns.find(conversation.workspaceId, first)).toMatchObject({ reply: null });
      expect(await store.turns.find(conversation.workspaceId, last)).toMatchObject({ reply: { turnId: last } });
      await prune(conversation, { maxMessages: 2 }, { now: at + dayMs + 1 });
      expect(await store.turns.find(conversation.workspaceId, first)).toBeNull();
      expect(await countRows()).toMatchObject({ turns: 1, turn_records: 1, messages: 2 });
    });

    it('finds the conversations that it concerns, and no others', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const looked = async (bounds: Partial<RetentionBounds>) => {
        const all = { before: null, maxMessages: null, ...bounds };
        const { overdue, next } = await store.readers.retention.listOverdue(workspaceId, all, '');
        expect(next).toBeNull();
        return overdue;
      };
      const short = await addConversation(current(), workspaceId, { userId: 'a' });
      await say(short, 'short', at + 3 * dayMs);
      const long = await addConversation(current(), workspaceId, { userId: 'b' });
      for (const [day, text] of ['x', 'y', 'z'].entries()) await say(long, text, at + day * dayMs);
      await addConversation(current(), await addWorkspace(current()), { userId: 'c' });
      expect(await looked({ maxMessages: 6 })).toEqual([]);
      expect(await looked({ maxMessages: 5 })).toEqual([{ conversationId: long.id, isSilent: false }]);
      expect(await looked({ before: at + dayMs })).toEqual([{ conversationId: long.id, isSilent: false }]);
      expect(await looked({ before: at + 3 * dayMs })).toEqual([{ conversationId: long.id, isSilent: true }]);
      const both = [short.id, long.id].map((conversationId) => ({ conversationId, isSilent: true }));
      expect(await looked({ before: at + 4 * dayMs })).toEqual(both);
      await prune(long, { maxMessages: 2 });
      // its turns are still there, and are looked after until they are gone
      expect(await looked({ maxMessages: 5 })).toEqual([{ conversationId: long.id, isSilent: false }]);
      await prune(long, { maxMessages: 2 }, { now: at + 9 * dayMs });
      expect(await looked({ maxMessages: 5 })).toEqual([]);
    });
  });
};
