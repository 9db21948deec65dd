import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/core/conversation/conversation.ts';
import type { ConversationFilter } from '../../src/core/conversation/conversation-store.ts';
import { newId } from '../../src/kit/id.ts';
import {
  acceptTurn,
  addConversation,
  addMessages,
  addWorkspace,
  at,
  completed,
  conversationOf,
  type CurrentStore,
  firstPage,
  messageOf,
  walk,
} from './store-under-test.ts';

const all: ConversationFilter = { mode: 'live', botIds: null };

export const describeConversations = (current: CurrentStore): void => {
  const list = async (workspaceId: string, filter: Partial<ConversationFilter>): Promise<string[]> => {
    const { conversations } = current().store.readers;
    const page = { limit: 100, after: null, before: null };
    return (await conversations.list(workspaceId, { ...all, ...filter }, page)).items.map(({ id }) => id);
  };

  describe('conversations', () => {
    it('are read as they were written, with their greeting and their user', async () => {
      const { store, countRows } = current();
      const conversation = conversationOf(await addWorkspace(current()), { metadata: { order: '7' } });
      const greeting = { ...messageOf(conversation, 'Welcome'), role: 'assistant' as const, seq: 1 };
      await store.transact((writers) => writers.conversations.insert(conversation, greeting));
      const { conversations } = store.readers;
      expect(await conversations.find(conversation.workspaceId, conversation.id)).toEqual(conversation);
      expect((await conversations.listMessages(conversation.workspaceId, conversation.id, firstPage)).items).toEqual([
        greeting,
      ]);
      expect((await countRows())['users']).toBe(1);
    });

    it('tell whose bots they are with, as long as they are there', async () => {
      const { store } = current();
      const { conversations } = store.readers;
      const workspaceId = await addWorkspace(current());
      const one = await addConversation(current(), workspaceId, { botId: 'bot_b' });
      const gone = await addConversation(current(), workspaceId);
      const foreign = await addConversation(current(), await addWorkspace(current()));
      const ids = new Map<string, string>();
      for (const conversation of [one, gone, foreign]) {
        await addMessages(current(), conversation, ['Hello']);
        const { items } = await conversations.listMessages(conversation.workspaceId, conversation.id, firstPage);
        ids.set(conversation.id, items[0]!.id);
      }
      await store.transact((writers) => writers.conversations.markDeleted(workspaceId, gone.id, at));
      const asked = [...ids.values(), newId('msg')];
      expect(await conversations.botsOfMessages(workspaceId, asked)).toEqual(new Map([[ids.get(one.id), 'bot_b']]));
      expect(await conversations.botsOfMessages(workspaceId, [])).toEqual(new Map());
    });

    it('tell which of many turns still wait for a person: the latest of each, until it is answered', async () => {
      const { store } = current();
      const leave = async (workspaceId: string, conversationId: string) => {
        const accepted = await acceptTurn(current(), workspaceId, { conversationId });
        if (accepted.kind !== 'accepted') throw new Error(`the message was ${accepted.kind}`);
        await store.turns.finish({ ...completed(accepted.turn), finishReason: 'human', reply: null, charge: false });
        return { workspaceId, turnId: accepted.turn.id };
      };
      const taken = async () => {
        const workspaceId = await addWorkspace(current());
        const conversation = await addConversation(current(), workspaceId, { status: 'human' });
        return { conversation, turn: await leave(workspaceId, conversation.id) };
      };
      const [waiting, answered, overtaken, released, deleted] = [
        await taken(),
        await taken(),
        await taken(),
        await taken(),
        await taken(),
      ];
      const { turnId: _turnId, ...words } = {
        ...messageOf(answered.conversation, 'It leaves today.'),
        role: 'human' as const,
      };
      const later = await leave(overtaken.conversation.workspaceId, overtaken.conversation.id);
      const turns = [waiting, answered, overtaken, released, deleted].map(({ turn }) => turn).concat(later);
      const find = (asked: typeof turns) => store.readers.conversations.findAwaitedTurns(asked);
      expect(await find(turns)).toEqual(
        new Set([waiting, answered, released, deleted].map(({ turn }) => turn.turnId).concat(later.turnId)),
      );
      await store.transact(async ({ conversations }) => {
        await conversations.answer(words);
        await conversations.update({ ...released.conversation, status: 'open' });
        await conversations.markDeleted(deleted.conversation.workspaceId, deleted.conversation.id, at);
      });
      expect(await find(turns)).toEqual(new Set([waiting.turn.turnId, later.turnId]));
      // a turn belongs to its workspace
      expect(await find([{ ...waiting.turn, workspaceId: later.workspaceId }])).toEqual(new Set());
      expect(await find([])).toEqual(new Set());
      const many = Array.from({ length: 499 }, () => ({ ...waiting.turn, turnId: newId('turn') }));
      expect(await find([...many, waiting.turn])).toEqual(new Set([waiting.turn.turnId]));
    });

    it('of another workspace are neither found nor listed, nor are their messages', async () => {
      const { conversations } = current().store.readers;
      const conversation = await addConversation(current(), await addWorkspace(current()));
      const [message] = await addMessages(current(), conversation, ['hidden']);
      const other = await addWorkspace(current());
      const foreign = { limit: 3, after: message?.id ?? '', before: null };
      expect(await conversations.find(other, conversation.id)).toBeNull();
      expect(await list(other, {})).toEqual([]);
      expect(await list(other, { query: 'hidden' })).toEqual([]);
      expect((await conversations.listMessages(other, conversation.id, firstPage)).items).toEqual([]);
      expect((await conversations.listMessages(other, conversation.id, foreign)).items).toEqual([]);
    });

    it('are listed page by page in both directions, whatever the filter', async () => {
      const workspaceId = await addWorkspace(current());
      const ids: string[] = [];
      for (let count = 0; count < 9; count++) {
        const botId = `bot_${'abc'[count % 3]}`;
        ids.unshift((await addConversation(current(), workspaceId, { botId })).id);
        await addConversation(current(), workspaceId, { botId: 'bot_other', userId: 'user-2', mode: 'test' });
      }
      const { conversations } = current().store.readers;
      const filters: Partial<ConversationFilter>[] = [
        {},
        { userId: 'user-1' },
        { channel: 'api' },
        { status: 'open' },
        { userId: 'user-1', status: 'open' },
        { botIds: ['bot_a', 'bot_b', 'bot_c'] },
        { botIds: ['bot_a', 'bot_b', 'bot_c'], userId: 'user-1' },
      ];
      for (const filter of filters) {
        for (const limit of [1, 2, 3, 4, 100]) {
          const { down, up } = await walk(
            (page) => conversations.list(workspaceId, { ...all, ...filter }, page),
            limit,
          );
          expect(down).toEqual(ids);
          expect(up).toEqual(ids);
        }
      }
    });

    it('are listed by every filter and by filters together', async () => {
      const workspaceId = await addWorkspace(current());
      const add = async (change: Parameters<typeof addConversation>[2]) =>
        (await addConversation(current(), workspaceId, change)).id;
      const telegram = await add({ channel: 'telegram' });
      const human = await add({ status: 'human', botId: 'bot_b' });
      const anonymous = await add({ userId: null });
      const test = await add({ mode: 'test' });
      expect(await list(workspaceId, {})).toEqual([anonymous, human, telegram]);
      expect(await list(workspaceId, { mode: 'test' })).toEqual([test]);
      expect(await list(workspaceId, { channel: 'telegram' })).toEqual([telegram]);
      expect(await list(workspaceId, { status: 'human' })).toEqual([human]);
      expect(await list(workspaceId, { status: 'human', botId: 'bot_a' })).toEqual([]);
      expect(await list(workspaceId, { botId: 'bot_a' })).toEqual([anonymous, telegram]);
      expect(await list(workspaceId, { userId: 'user-1', botId: 'bot_a' })).toEqual([telegram]);
      expect(await list(workspaceId, { userId: 'user-1', channel: 'telegram', status: 'open' })).toEqual([telegram]);
    });

    it('of bots that the caller may not know of are not listed', async () => {
      const workspaceId = await addWorkspace(current());
      const own = await addConversation(current(), workspaceId, { botId: 'bot_a' });
      await addConversation(current(), workspaceId, { botId: 'bot_b' });
      expect(await list(workspaceId, { botIds: ['bot_a'] })).toEqual([own.id]);
      expect(await list(workspaceId, { botIds: ['bot_a'], userId: 'user-1' })).toEqual([own.id]);
      expect(await list(workspaceId, { botIds: ['bot_a'], botId: 'bot_b' })).toEqual([]);
      expect(await list(workspaceId, { botIds: [] })).toEqual([]);
      expect(await list(workspaceId, { botIds: [], query: 'hello' })).toEqual([]);
    });

    it('are found by the text of a message, whatever its case, and page by page', async () => {
      const workspaceId = await addWorkspace(current());
      const found: string[] = [];
      for (const text of ['Do you ship to BATUMI?', 'nothing', 'batumi again', 'გამარჯობა', 'Batumi, please']) {
        const conversation = await addConversation(current(), workspaceId);
        await addMessages(current(), conversation, ['first', text, 'last']);
        if (/batumi/i.test(text)) found.unshift(conversation.id);
      }
      const { conversations } = current().store.readers;
      const { down, up } = await walk((page) => conversations.list(workspaceId, { ...all, query: 'Batumi' }, page), 1);
      expect(down).toEqual(found);
      expect(up).toEqual(found);
      expect(await list(workspaceId, { query: 'გამარჯობა', userId: 'user-1' })).toHaveLength(1);
      expect(await list(workspaceId, { query: '%', userId: 'user-1' })).toEqual([]);
    });

    it('change status, metadata and time', async () => {
      const { store } = current();
      const conversation = await addConversation(current(), await addWorkspace(current()));
      const changed = { ...conversation, status: 'human' as const, metadata: { a: 'b' }, updatedAt: at + 1 };
      await store.transact((writers) => writers.conversations.update(changed));
      expect(await store.readers.conversations.find(conversation.workspaceId, conversation.id)).toEqual(changed);
    });

    it('refuse a change or a message where they do not exist', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const unknown = conversationOf(workspaceId);
      await expect(store.transact((writers) => writers.conversations.update(unknown))).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(addMessages(current(), unknown, ['hello'])).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  describe('messages', () => {
    it('are listed by place and page by page in both directions', async () => {
      const { conversations } = current().store.readers;
      const conversation = await addConversation(current(), await addWorkspace(current()));
      const stored = await addMessages(current(), conversation, ['1', '2', '3', '4', '5', '6', '7']);
      const ids = stored.map(({ id }) => id).toReversed();
      for (const limit of [1, 3, 7, 100]) {
        const { down, up } = await walk(
          (page) => conversations.listMessages(conversation.workspaceId, conversation.id, page),
          limit,
        );
        expect(down).toEqual(ids);
        expect(up).toEqual(ids);
      }
    });

    it('go on from one that was pruned, at the oldest that is left', async () => {
      const { conversations } = current().store.readers;
      const conversation = await addConversation(current(), await addWorkspace(current()));
      const { workspaceId, id } = conversation;
      const stored = await addMessages(current(), conversation, ['1', '2', '3', '4']);
      const [first, second, third, fourth] = stored.map((message) => message.id);
      const bounds = { before: null, maxMessages: 2, limit: 10, now: at };
      await current().store.transact(({ retention }) => retention.prune(workspaceId, id, bounds));
      const read = async (page: { after?: string; before?: string }) => {
        const request = { limit: 1, after: page.after ?? null, before: page.before ?? null };
        const { items, hasMore } = await conversations.listMessages(workspaceId, id, request);
        return { ids: items.map((message) => message.id), hasMore };
      };
      expect(await read({ before: first ?? '' })).toEqual({ ids: [third], hasMore: true });
      expect(await read({ before: third ?? '' })).toEqual({ ids: [fourth], hasMore: false });
      expect(await read({ after: second ?? '' })).toEqual({ ids: [], hasMore: false });
    });

    it('are refused behind a cursor that is unknown or of another conversation', async () => {
      const { conversations } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      const conversation = await addConversation(current(), workspaceId);
      const [foreign] = await addMessages(current(), await addConversation(current(), workspaceId), ['1', '2', '3']);
      await addMessages(current(), conversation, ['1', '2']);
      for (const cursor of [newId('msg'), foreign?.id ?? '']) {
        for (const page of [
          { limit: 3, after: cursor, before: null },
          { limit: 3, after: null, before: cursor },
        ]) {
          await expect(conversations.listMessages(workspaceId, conversation.id, page)).rejects.toMatchObject({
            code: 'invalid_request',
            param: page.before === null ? 'after' : 'before',
          });
        }
      }
    });

    it('are searched for a workspace however much another has searched', async () => {
      const [busy, other] = [await addWorkspace(current()), await addWorkspace(current())];
      for (const workspaceId of [busy, other]) {
        await addMessages(current(), await addConversation(current(), workspaceId), ['hello']);
      }
      const searches = Promise.allSettled(Array.from({ length: 70 }, () => list(busy, { query: 'hello' })));
      expect(await list(other, { query: 'hello' })).toHaveLength(1);
      const refused = (await searches).filter(({ status }) => status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      for (const search of refused) {
        expect(search).toMatchObject({ reason: { code: 'overloaded', retryAfterSeconds: 5 } });
      }
      expect(refused.length).toBeLessThan(70);
    });

    it('are added behind the block of places of a turn that runs', async () => {
      const { conversations } = current().store.readers;
      const workspaceId = await addWorkspace(current());
      const accepted = await acceptTurn(current(), workspaceId);
      const conversation = await conversations.find(workspaceId, accepted.turn.conversationId);
      if (!conversation) throw new Error('no conversation');
      const [added] = await addMessages(current(), conversation, ['between']);
      const { turn } = accepted;
      expect(added?.seq).toBe(turn.seqBase + 16);
      const messages = await conversations.listMessages(workspaceId, conversation.id, firstPage);
      expect(messages.items.map(textOf)).toEqual(['between', 'Hello']);
    });
  });
};
