import { describe, expect, it } from 'vitest';
import { botDefaults } from '../../src/core/bot/bot-defaults.ts';
import type { Conversation } from '../../src/core/conversation/conversation.ts';
import { findRecall } from '../../src/core/recall/find-recall.ts';
import { RecallIndexes } from '../../src/core/recall/recall-indexes.ts';
import { unpackSegment } from '../../src/core/recall/pack-messages.ts';
import { packConversation } from '../../src/core/recall/pack-conversation.ts';
import { addConversation, addMessages, addWorkspace, at, type CurrentStore } from './store-under-test.ts';

const many = (count: number, text: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => text(index + 1));

/** Finding a user's older messages again. */
export const describeRecall = (current: CurrentStore): void => {
  const setUp = async (texts: readonly string[], change: Partial<Conversation> = {}) => {
    const workspaceId = change.workspaceId ?? (await addWorkspace(current()));
    const conversation = await addConversation(current(), workspaceId, change);
    await addMessages(current(), conversation, texts);
    return conversation;
  };

  const pack = async (conversation: Conversation, change: { recallTokens?: number } = {}) => {
    const { store } = current();
    const { workspaceId, id } = conversation;
    const memory = await store.transact(({ memories }) => memories.open(workspaceId, id, at));
    const config = botDefaults('builtin');
    const subject = {
      conversation,
      bot: {
        id: conversation.botId,
        workspaceId,
        version: 1,
        createdAt: at,
        updatedAt: at,
        quotas: null,
        config: { ...config, name: 'Bot', memory: { ...config.memory, ...change } },
      },
      memory: memory!,
      window: 10,
      settledBefore: await store.readers.memories.settledBefore(workspaceId, id),
    };
    const step = packConversation({ memories: store.readers.memories, transact: store.transact, clock: () => at });
    await step(subject, new AbortController().signal);
  };

  const segments = (conversation: Conversation) =>
    current().store.readers.recall.segments(conversation.workspaceId, [conversation.id], 100);

  /** What the index holds, by places. */
  const packedPlaces = async (conversation: Conversation): Promise<number[]> =>
    (await segments(conversation))
      .toReversed()
      .flatMap(({ packed }) => unpackSegment(packed).map(({ message }) => message.seq));

  const notUnpacked: string[] = [];
  const ask = async (
    conversation: Pick<Conversation, 'workspaceId' | 'botId' | 'mode' | 'userId' | 'id'>,
    question: string,
    shownFrom: number | null = null,
  ) => {
    notUnpacked.length = 0;
    const { recall } = current().store.readers;
    const clock = () => at;
    const onUnpacked = ({ conversationId: id }: { conversationId: string }) => notUnpacked.push(id);
    const found = await findRecall(
      { recall, indexes: new RecallIndexes({ recall, onUnpacked, clock }), clock },
      {
        turn: { seqBase: shownFrom ?? 1, ...conversation, conversationId: conversation.id },
        budgetTokens: 1_000,
        shownFrom,
        question,
        before: null,
      },
    );
    return found.map(({ text }) => text);
  };

  const told = ['My dog is called Rufus.', 'The weather is fine.', 'I drive a green car.'];

  describe('recall', () => {
    it('packs what was said, in segments that are filled up', async () => {
      const conversation = await setUp(many(40, (index) => `Message about topic${index}`));
      await pack(conversation);
      expect(await packedPlaces(conversation)).toEqual(many(40, String).map(Number));
      await addMessages(
        current(),
        conversation,
        many(40, (index) => `More about topic${40 + index}`),
      );
      await pack(conversation);
      expect(await packedPlaces(conversation)).toEqual(many(80, String).map(Number));
      expect((await segments(conversation)).map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
        [65, 80],
        [1, 64],
      ]);
      await pack(conversation);
      expect((await current().countRows()).recall_segments).toBe(2);
    });

    it('packs nothing for a bot that recalls nothing', async () => {
      const conversation = await setUp(told);
      await pack(conversation, { recallTokens: 0 });
      expect((await current().countRows()).recall_segments).toBe(0);
    });

    it.each(['packed', 'not yet packed'])('finds messages that are %s, in other conversations', async (state) => {
      const earlier = await setUp(told);
      if (state === 'packed') await pack(earlier);
      const now = await setUp(['Hello'], { workspaceId: earlier.workspaceId });
      const found = await ask(now, 'What is the name of my dog?');
      expect(found[0]).toBe('My dog is called Rufus.');
      expect(found).not.toContain('Hello');
    });

    it('finds what has left the window, and nothing that stands in it', async () => {
      const conversation = await setUp([...told, 'My dog is old.']);
      expect(await ask(conversation, 'my dog', 4)).toContain('My dog is called Rufus.');
      expect(await ask(conversation, 'my dog', 4)).not.toContain('My dog is old.');
      await pack(conversation);
      expect(await ask(conversation, 'my dog', 4)).not.toContain('My dog is old.');
      expect(await ask(conversation, 'my dog')).toEqual([]);
    });

    it('asks for long histories to be packed, and for none that is packed', async () => {
      const long = await setUp(many(20, (index) => `A message with number ${index}`));
      const now = await setUp(['Hello'], { workspaceId: long.workspaceId });
      await ask(now, 'which number?');
      expect(notUnpacked).toEqual([long.id]);
      await pack(long);
      await ask(now, 'which number?');
      expect(notUnpacked).toEqual([]);
    });

    it('finds nothing of others, of another bot, of the other mode, or of another workspace', async () => {
      const earlier = await setUp(told);
      await pack(earlier);
      const { workspaceId } = earlier;
      const stranger = await addWorkspace(current());
      for (const change of [
        { userId: 'user-2' },
        { userId: null },
        { botId: 'bot_b' },
        { mode: 'test' as const },
        { workspaceId: stranger },
      ]) {
        const now = await setUp(['Hello'], { workspaceId, ...change });
        expect(await ask(now, 'What is the name of my dog?')).toEqual([]);
      }
    });

    it('finds what linked users have said, for as long as they are linked', async () => {
      const earlier = await setUp(told);
      const now = await setUp(['Hello'], { workspaceId: earlier.workspaceId, userId: 'user-2' });
      const regroup = (groups: string[][]) =>
        current().store.transact(({ users }) =>
          users.regroup({ workspaceId: earlier.workspaceId, mode: 'live' }, groups),
        );
      await regroup([['user-1', 'user-2']]);
      expect(await ask(now, 'the name of my dog')).toContain('My dog is called Rufus.');
      await regroup([['user-1'], ['user-2']]);
      expect(await ask(now, 'the name of my dog')).toEqual([]);
    });

    it('recalls within an anonymous conversation', async () => {
      const conversation = await setUp(told, { userId: null });
      expect(await ask(conversation, 'my dog', 3)).toContain('My dog is called Rufus.');
      await pack(conversation);
      expect(await ask(conversation, 'my dog', 3)).toContain('My dog is called Rufus.');
    });

    it('loses what is pruned, also out of the middle of a segment', async () => {
      const conversation = await setUp(many(100, (index) => `word${index} is here`));
      await pack(conversation);
      await current().store.transact(({ retention }) =>
        retention.prune(conversation.workspaceId, conversation.id, {
          before: null,
          maxMessages: 50,
          limit: 1_000,
          now: at,
        }),
      );
      expect(await packedPlaces(conversation)).toEqual(many(50, (index) => String(index + 50)).map(Number));
      const now = await setUp(['Hello'], { workspaceId: conversation.workspaceId });
      expect(await ask(now, 'word50')).toEqual([]);
      expect((await ask(now, 'word51'))[0]).toBe('word51 is here');
      expect((await ask(now, 'word90'))[0]).toBe('word90 is here');
    });

    it('goes with the conversation, hidden at once and removed in parts', async () => {
      const { store } = current();
      const conversation = await setUp(many(200, (index) => `word${index} is here`));
      const { workspaceId, id } = conversation;
      await pack(conversation);
      expect((await current().countRows()).recall_segments).toBe(4);
      const now = await setUp(['Hello'], { workspaceId });
      await store.transact(({ conversations }) => conversations.markDeleted(workspaceId, id, at));
      expect(await ask(now, 'word7')).toEqual([]);
      let parts = 0;
      while (!(await store.transact(({ conversations }) => conversations.purge(workspaceId, id, 20)))) parts += 1;
      expect(parts).toBeGreaterThan(2);
      expect((await current().countRows()).recall_segments).toBe(0);
    });

    it('is not made of messages that were taken away while it was made', async () => {
      const conversation = await setUp(told);
      const { workspaceId, id } = conversation;
      const { store } = current();
      await store.transact(({ memories }) => memories.open(workspaceId, id, at));
      const pruning = {
        ...store.readers.memories,
        listMessages: async (...[workspace, of, range]: Parameters<typeof store.readers.memories.listMessages>) => {
          const messages = await store.readers.memories.listMessages(workspace, of, range);
          await store.transact(({ retention }) =>
            retention.prune(workspaceId, id, { before: null, maxMessages: 1, limit: 100, now: at }),
          );
          return messages;
        },
      };
      const memory = await store.readers.memories.find(workspaceId, id);
      const config = { ...botDefaults('builtin'), name: 'Bot' };
      await packConversation({ memories: pruning, transact: store.transact, clock: () => at })(
        {
          conversation,
          bot: { id: 'bot_a', workspaceId, version: 1, createdAt: at, updatedAt: at, quotas: null, config },
          memory: memory!,
          window: 10,
          settledBefore: 4,
        },
        new AbortController().signal,
      );
      expect((await current().countRows()).recall_segments).toBe(0);
    });

    it('looks texts up by their ids, and none of a deleted conversation', async () => {
      const conversation = await setUp(told);
      const { workspaceId, id } = conversation;
      const { store } = current();
      const { items } = await store.readers.conversations.listMessages(workspaceId, id, {
        limit: 3,
        after: null,
        before: null,
      });
      const ids = items.map((message) => message.id);
      expect(
        Array.from(
          (await store.readers.recall.textsById(workspaceId, [...ids, 'msg_none'])).values(),
          ({ text }) => text,
        ).toSorted(),
      ).toEqual(told.toSorted());
      await store.transact(({ conversations }) => conversations.markDeleted(workspaceId, id, at));
      expect((await store.readers.recall.textsById(workspaceId, ids)).size).toBe(0);
    });
  });
};
