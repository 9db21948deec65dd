import { describe, expect, it } from 'vitest';
import type { Advance } from '../../src/core/memory/memory-store.ts';
import { addConversation, addWorkspace, at, type CurrentStore, messageOf } from './store-under-test.ts';

/** What is made of a conversation beside its messages. */
export const describeMemory = (current: CurrentStore): void => {
  const setUp = async (messages = 0) => {
    const workspaceId = await addWorkspace(current());
    const conversation = await addConversation(current(), workspaceId);
    await current().store.transact((writers) =>
      writers.conversations.appendMessages(
        workspaceId,
        conversation.id,
        Array.from({ length: messages }, (_, index) => messageOf(conversation, `Message ${index + 1}`)),
      ),
    );
    return { workspaceId, conversationId: conversation.id };
  };
  type Place = Awaited<ReturnType<typeof setUp>>;
  const open = ({ workspaceId, conversationId }: Place) =>
    current().store.transact(({ memories }) => memories.open(workspaceId, conversationId, at));
  const advance = ({ workspaceId, conversationId }: Place, step: Partial<Advance>) =>
    current().store.transact(({ memories }) =>
      memories.advance(workspaceId, conversationId, {
        watermark: 'summarySeq',
        from: 0,
        revision: 0,
        to: 4,
        at: at + 1,
        ...step,
      }),
    );
  const find = ({ workspaceId, conversationId }: Place) =>
    current().store.readers.memories.find(workspaceId, conversationId);
  const summary = { text: 'They talked about blankets.', tokens: 7, model: 'test/any' };

  describe('memories', () => {
    it('are begun once, and found', async () => {
      const place = await setUp();
      expect(await find(place)).toBeNull();
      const begun = await open(place);
      expect(begun).toEqual({
        ...place,
        revision: 0,
        packedSeq: 0,
        summarySeq: 0,
        factsSeq: 0,
        summary: null,
        summaryTokens: 0,
        summaryModel: null,
        updatedAt: at,
      });
      expect(await open(place)).toEqual(begun);
      expect((await current().countRows()).conversation_memories).toBe(1);
    });

    it('move on by one watermark, and leave the others alone', async () => {
      const place = await setUp();
      await open(place);
      expect(await advance(place, { summary })).toBe(true);
      expect(await advance(place, { watermark: 'factsSeq', to: 9 })).toBe(true);
      expect(await find(place)).toMatchObject({
        packedSeq: 0,
        summarySeq: 4,
        factsSeq: 9,
        summary: summary.text,
        summaryTokens: 7,
        summaryModel: 'test/any',
        updatedAt: at + 1,
      });
    });

    it('are moved on by one of two who have read the same', async () => {
      const place = await setUp();
      await open(place);
      const moved = await Promise.all([advance(place, { summary }), advance(place, { summary })]);
      expect(moved.filter((hasMoved) => hasMoved)).toHaveLength(1);
    });

    it('keep nothing that was made of messages which are gone by now', async () => {
      const place = await setUp(6);
      await open(place);
      await advance(place, { summary });
      await current().store.transact(({ retention }) =>
        retention.prune(place.workspaceId, place.conversationId, { before: null, maxMessages: 2, limit: 100, now: at }),
      );
      expect(await find(place)).toMatchObject({ revision: 1, summarySeq: 0, summary: null, summaryModel: null });
      expect(await advance(place, { from: 0, to: 6, summary })).toBe(false);
      expect(await advance(place, { from: 0, to: 6, revision: 1, summary })).toBe(true);
    });

    it('stay where a prune finds nothing to remove', async () => {
      const place = await setUp(2);
      await open(place);
      await advance(place, { summary });
      await current().store.transact(({ retention }) =>
        retention.prune(place.workspaceId, place.conversationId, { before: null, maxMessages: 2, limit: 100, now: at }),
      );
      expect(await find(place)).toMatchObject({ revision: 0, summary: summary.text });
    });

    it('go with the conversation', async () => {
      const place = await setUp(3);
      await open(place);
      const { store } = current();
      await store.transact(({ conversations }) =>
        conversations.markDeleted(place.workspaceId, place.conversationId, at),
      );
      expect(await open(place)).toBeNull();
      expect(await advance(place, { summary })).toBe(false);
      const done = await store.transact(({ conversations }) =>
        conversations.purge(place.workspaceId, place.conversationId, 100),
      );
      expect(done).toBe(true);
      expect((await current().countRows()).conversation_memories).toBe(0);
    });

    it('are made of messages in their order, and of none of a turn that has not ended', async () => {
      const place = await setUp(5);
      const { memories } = current().store.readers;
      const list = (of: { after: number; before: number; limit: number; role?: 'assistant' }) =>
        memories.listMessages(place.workspaceId, place.conversationId, of);
      expect((await list({ after: 1, before: 5, limit: 2 })).map(({ text }) => text)).toEqual([
        'Message 2',
        'Message 3',
      ]);
      expect(await list({ after: 0, before: 9, limit: 9, role: 'assistant' })).toEqual([]);
      const newest = await memories.listNewest(place.workspaceId, place.conversationId, { before: 6, limit: 2 });
      expect(newest.map(({ seq }) => seq)).toEqual([5, 4]);
      expect(await memories.settledBefore(place.workspaceId, place.conversationId)).toBe(6);
      expect(await memories.settledBefore(place.workspaceId, 'conv_none')).toBe(0);
    });
  });
};
