import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/memory/fact.ts';
import type { Advance } from '../../src/core/memory/memory-store.ts';
import type { UserPlace } from '../../src/core/user/user.ts';
import { newId } from '../../src/kit/id.ts';
import {
  acceptTurn,
  addConversation,
  addMessages,
  addWorkspace,
  at,
  completed,
  type CurrentStore,
  messageOf,
} from './store-under-test.ts';

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
  const dropSummary = ({ workspaceId, conversationId }: Place) =>
    current().store.transact(({ memories }) => memories.dropSummary(workspaceId, conversationId, at));
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

  describe('facts', () => {
    const saidIn = (conversation: { id: string }, name: string, seq = 1): Fact => ({
      id: newId('fact'),
      name,
      value: `value of ${name}`,
      origin: 'said',
      at,
      source: { conversationId: conversation.id, messageId: 'msg_a', seq, confidence: 1 },
    });
    const setFact = (name: string): Fact => ({
      id: newId('fact'),
      name,
      value: 'set',
      origin: 'set',
      at,
      source: null,
    });
    const save = (place: UserPlace, ...facts: Fact[]) =>
      current().store.transact(({ memories }) => memories.saveFacts(place, { facts, removed: [] }));
    const names = async (place: UserPlace) =>
      (await current().store.readers.memories.findKnown(place)).flatMap(({ remembered }) =>
        remembered.facts.map(({ name }) => name),
      );
    const live = (workspaceId: string, userId = 'user-1'): UserPlace => ({ workspaceId, mode: 'live', userId });

    it('are those of one user in one mode of one workspace', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await addConversation(current(), workspaceId, { userId: 'user-2' });
      await addConversation(current(), workspaceId, { mode: 'test' });
      const place = live(workspaceId);
      await save(place, saidIn(conversation, 'city'));
      expect(await names(place)).toEqual(['city']);
      for (const other of [
        live(workspaceId, 'user-2'),
        { ...place, mode: 'test' as const },
        { ...place, workspaceId: 'ws_other' },
      ]) {
        expect(await names(other)).toEqual([]);
      }
    });

    it('are not kept for a user who is gone', async () => {
      const workspaceId = await addWorkspace(current());
      await save(live(workspaceId), setFact('tier'));
      expect((await current().countRows()).users).toBe(0);
    });

    it('come with a turn that wants them, and those of linked users', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await addConversation(current(), workspaceId, { userId: 'user-2' });
      await current().store.transact(async ({ users, memories }) => {
        await users.save(live(workspaceId), { plan: 'pro' }, at);
        await memories.saveFacts(live(workspaceId), { facts: [saidIn(conversation, 'city')], removed: [] });
        await memories.saveFacts(live(workspaceId, 'user-2'), { facts: [setFact('tier')], removed: [] });
      });
      const ask = async (memory?: { facts: boolean; summary: boolean }, userId = 'user-1') => {
        const accepted = await acceptTurn(current(), workspaceId, {
          userId,
          newConversation: true,
          ...(memory && { memory }),
        });
        if (accepted.kind !== 'accepted' || !accepted.claimed) throw new Error('it does not run');
        return accepted.claimed.memory.users.map(({ traits, remembered }) => [
          traits,
          remembered.facts.map(({ name }) => name),
        ]);
      };
      const wanted = { facts: true, summary: true };
      expect(await ask()).toEqual([]);
      expect(await ask({ facts: false, summary: true })).toEqual([]);
      expect(await ask(wanted)).toEqual([[{ plan: 'pro' }, ['city']]]);
      expect(await ask(wanted, 'somebody-new')).toEqual([]);
      await current().store.transact(({ users }) =>
        users.regroup({ workspaceId, mode: 'live' }, [['user-1', 'user-2']]),
      );
      expect(await ask(wanted)).toEqual([
        [{ plan: 'pro' }, ['city']],
        [{}, ['tier']],
      ]);
      expect((await ask(wanted, 'user-2')).map(([, facts]) => facts)).toEqual([['tier'], ['city']]);
    });

    it('that were said in a conversation go with it, and others stay', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      const other = await addConversation(current(), workspaceId);
      await save(live(workspaceId), saidIn(conversation, 'city'), saidIn(other, 'size'), setFact('tier'));
      await current().store.transact(({ conversations }) =>
        conversations.markDeleted(workspaceId, conversation.id, at),
      );
      expect(await names(live(workspaceId))).toEqual(['size', 'tier']);
    });

    it('go with the messages that retention removes', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await addMessages(current(), conversation, ['one', 'two', 'three', 'four']);
      await save(live(workspaceId), saidIn(conversation, 'old', 2), saidIn(conversation, 'young', 3));
      await current().store.transact(({ retention }) =>
        retention.prune(workspaceId, conversation.id, { before: null, maxMessages: 2, limit: 100, now: at }),
      );
      expect(await names(live(workspaceId))).toEqual(['young']);
    });

    it('that a visitor said go with their conversation to the user they turn out to be', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId, { userId: 'visitor-1', channel: 'widget' });
      const other = await addConversation(current(), workspaceId, { userId: 'user-1' });
      await save(live(workspaceId, 'visitor-1'), saidIn(conversation, 'city'), setFact('tier'));
      await save(live(workspaceId), saidIn(other, 'size'));
      const place = { workspaceId, botId: 'bot_a', visitorId: 'visitor-1' };
      await current().store.transact(({ visitors }) => visitors.handOver(place, { userId: 'user-1', at }));
      expect(await names(live(workspaceId, 'visitor-1'))).toEqual(['tier']);
      expect((await names(live(workspaceId))).toSorted()).toEqual(['city', 'size']);
    });
  });

  describe('a summary', () => {
    it('comes with a turn of a conversation that is longer than the window', async () => {
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      await addMessages(current(), conversation, ['one', 'two', 'three', 'four']);
      const place = { workspaceId, conversationId: conversation.id };
      await open(place);
      await advance(place, { summary });
      const ask = async (historyLimit: number, wanted: boolean) => {
        const accepted = await acceptTurn(current(), workspaceId, {
          historyLimit,
          memory: { facts: true, summary: wanted },
        });
        if (accepted.kind !== 'accepted' || !accepted.claimed) throw new Error('it does not run');
        await current().store.turns.finish(completed(accepted.claimed.turn));
        return accepted.claimed.memory.summary;
      };
      expect(await ask(200, true)).toBeNull();
      expect(await ask(3, false)).toBeNull();
      expect(await ask(3, true)).toEqual({ text: summary.text, tokens: summary.tokens });
      await dropSummary(place);
      expect(await ask(3, true)).toBeNull();
    });
  });
};
