import { describe, expect, it } from 'vitest';
import { botDefaults } from '../../src/core/bot/bot-defaults.ts';
import { newId } from '../../src/kit/id.ts';
import { addWorkspace, at, type CurrentStore } from './store-under-test.ts';

export const describeBotVersions = (current: CurrentStore): void => {
  const bots = () => current().store.readers.bots;

  /** A bot with this many versions, made a second apart by somebody else each. */
  const addBot = async (workspaceId: string, versions: number): Promise<string> => {
    const id = newId('bot');
    for (let version = 1; version <= versions; version += 1) {
      const config = { ...botDefaults('builtin'), name: 'Shop', tone: `tone ${version}` };
      const bot = { id, workspaceId, version, createdAt: at, updatedAt: at + version * 1_000, config };
      await current().store.transact(async (writers) => {
        if (version === 1) await writers.bots.insert(bot, 'key:1');
        else await writers.bots.insertVersion(bot, `key:${version}`);
      });
    }
    return id;
  };

  describe('versions of a bot', () => {
    it('are read as they were made, by whoever made them', async () => {
      const workspaceId = await addWorkspace(current());
      const id = await addBot(workspaceId, 2);
      expect(await bots().readVersion(workspaceId, id, 1)).toEqual({
        botId: id,
        version: 1,
        config: { ...botDefaults('builtin'), name: 'Shop', tone: 'tone 1' },
        createdBy: 'key:1',
        createdAt: at + 1_000,
      });
      expect(await bots().readVersion(workspaceId, id, 2)).toMatchObject({ createdBy: 'key:2', createdAt: at + 2_000 });
      expect(await bots().readVersion(workspaceId, id, 3)).toBeNull();
      expect(await bots().readVersion(await addWorkspace(current()), id, 1)).toBeNull();
    });

    it('are listed by their number, newest first, and of one bot alone', async () => {
      const workspaceId = await addWorkspace(current());
      const id = await addBot(workspaceId, 11);
      await addBot(workspaceId, 3);
      const list = async (page: { after?: number; before?: number }) => {
        const request = { limit: 4, after: page.after ?? null, before: page.before ?? null };
        const { items, hasMore } = await bots().listVersions(workspaceId, id, request);
        return { numbers: items.map(({ version }) => version), hasMore };
      };
      expect(await list({})).toEqual({ numbers: [11, 10, 9, 8], hasMore: true });
      expect(await list({ after: 4 })).toEqual({ numbers: [3, 2, 1], hasMore: false });
      expect(await list({ before: 3 })).toEqual({ numbers: [7, 6, 5, 4], hasMore: true });
    });
  });
};
