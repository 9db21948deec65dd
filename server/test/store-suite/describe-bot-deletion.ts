import { describe, expect, it } from 'vitest';
import { botDefaults } from '../../src/core/bot/bot-defaults.ts';
import { encodePostings } from '../../src/core/knowledge/posting-codec.ts';
import { periodAt } from '../../src/core/usage/period.ts';
import { newId } from '../../src/kit/id.ts';
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

export const describeBotDeletion = (current: CurrentStore): void => {
  const addBot = async (workspaceId: string): Promise<string> => {
    const id = newId('bot');
    const config = { ...botDefaults('builtin'), name: 'Shop' };
    const bot = { id, workspaceId, version: 1, createdAt: at, updatedAt: at, config };
    await current().store.transact(async (writers) => {
      await writers.bots.insert(bot, 'test');
      await writers.bots.insertVersion({ ...bot, version: 2 }, 'test');
    });
    return id;
  };

  /** Conversations of a known and an unknown user, turns that have ended, run and wait, and two sources. */
  const fill = async (workspaceId: string, botId: string): Promise<string[]> => {
    const ended = await acceptTurn(current(), workspaceId, { botId, newConversation: true });
    await current().store.turns.finish(completed(ended.turn));
    const running = await acceptTurn(current(), workspaceId, { botId, newConversation: true });
    const waiting = await acceptTurn(current(), workspaceId, { botId });
    const anonymous = await addConversation(current(), workspaceId, { botId, userId: null });
    await addMessages(current(), anonymous, ['one', 'two', 'three']);
    for (let count = 0; count < 2; count++) {
      const target = { workspaceId, botId, sourceId: newId('src'), revision: 1 };
      await current().store.transact(async ({ knowledge }) => {
        const state = { status: 'queued', error: null, progress: 0, chunkCount: 0, revision: 1 } as const;
        const pages = { known: 1, done: 0, failed: 0 };
        const source = { id: target.sourceId, workspaceId, botId, type: 'text', title: 'T', url: null } as const;
        await knowledge.insert(
          { ...source, ...state, pages, createdAt: at, updatedAt: at },
          { type: 'text', text: 'Wool' },
          [{ url: null, depth: 0 }],
        );
        await knowledge.writeBytes(target, 0, Buffer.from('wool'));
        const version = await knowledge.beginVersion(target, 0);
        if (!version) throw new Error('the page is gone');
        const chunk = { id: newId('chunk'), sourceId: target.sourceId, headings: [], text: 'Wool', tokens: 1 };
        const place = { page: null, anchor: null };
        await knowledge.writeSlice(version, {
          chunks: [0, 1, 2].map((position) => ({ ...chunk, ...place, position })),
          index: ['wool', 'silk'].map((term) => ({
            term,
            entries: encodePostings([{ position: 0, count: 1, length: 1 }]),
          })),
        });
        const reading = { title: null, etag: null, lastModified: null, contentHash: null, fetchedAt: at, warnings: [] };
        await knowledge.publish(version, { size: { chunks: 3, terms: 3, languages: ['en'] }, reading, round: 1 });
        await knowledge.sumUp(target, at);
        // one more that was begun and never ended
        await knowledge.beginVersion(target, 0);
        await knowledge.beginVersion(target, 0);
      });
    }
    return [running.turn.id, waiting.turn.id];
  };

  const purge = async (workspaceId: string, botId: string, limit: number): Promise<string[]> => {
    const ended: string[] = [];
    for (let batches = 0; batches < 200; batches++) {
      const batch = await current().store.transact((writers) => writers.bots.purge(workspaceId, botId, { limit, at }));
      ended.push(...batch.endedTurns);
      if (batch.done) return ended;
    }
    throw new Error('the purge does not end');
  };

  describe('a deleted bot', () => {
    for (const limit of [1, 4, 1_000]) {
      it(`leaves nothing behind when it is purged ${limit} rows at a time, and touches no other bot`, async () => {
        const { store, countRows } = current();
        const workspaceId = await addWorkspace(current());
        const keptBot = await addBot(workspaceId);
        await fill(workspaceId, keptBot);
        const before = await countRows();
        const { start } = periodAt(at);
        const counter = await store.readers.usage.counter(workspaceId, workspaceId, start);

        const botId = await addBot(workspaceId);
        const open = await fill(workspaceId, botId);
        await store.transact((writers) => writers.bots.markDeleted(workspaceId, botId, at));
        expect((await purge(workspaceId, botId, limit)).toSorted()).toEqual(open.toSorted());

        const after = await countRows();
        // what was charged and the sums of the day stay
        const { quota_ledger: ledger, usage_daily: daily, ...rest } = after;
        expect(rest).toEqual(Object.fromEntries(Object.keys(rest).map((table) => [table, before[table]])));
        expect([ledger, daily]).toEqual([2, 2]);
        expect(await store.readers.usage.counter(workspaceId, workspaceId, start)).toEqual({
          used: counter.used + 1,
          reserved: counter.reserved,
        });
        expect(await purge(workspaceId, botId, limit)).toEqual([]);
      });
    }

    it('hides its conversations and their turns at once, and those of no other bot', async () => {
      const { store } = current();
      const workspaceId = await addWorkspace(current());
      const [botId, keptBot] = [await addBot(workspaceId), await addBot(workspaceId)];
      const gone = await acceptTurn(current(), workspaceId, { botId, newConversation: true });
      const kept = await acceptTurn(current(), workspaceId, { botId: keptBot, newConversation: true });
      await store.transact((writers) => writers.bots.markDeleted(workspaceId, botId, at));
      const found = async ({ turn }: typeof gone) => [
        (await store.readers.conversations.find(workspaceId, turn.conversationId))?.id,
        (await store.turns.find(workspaceId, turn.id))?.turn.id,
      ];
      expect(await found(gone)).toEqual([undefined, undefined]);
      expect(await found(kept)).toEqual([kept.turn.conversationId, kept.turn.id]);
      const filter = { mode: 'live', botIds: null } as const;
      const listed = await store.readers.conversations.list(workspaceId, filter, firstPage);
      expect(listed.items.map(({ id }) => id)).toEqual([kept.turn.conversationId]);
    });

    it('must be marked as deleted first', async () => {
      const workspaceId = await addWorkspace(current());
      const botId = await addBot(workspaceId);
      await expect(purge(workspaceId, botId, 10)).rejects.toThrow('marked as deleted');
    });
  });
};
