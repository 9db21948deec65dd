import { describe, expect, it } from 'vitest';
import type { SourceRevision } from '../../src/core/knowledge/knowledge-store.ts';
import { encodePostings } from '../../src/core/knowledge/posting-codec.ts';
import type { Chunk, Source } from '../../src/core/knowledge/source.ts';
import { newId } from '../../src/kit/id.ts';
import { addWorkspace, at, type CurrentStore, walk } from './store-under-test.ts';

const sourceOf = (workspaceId: string, change: Partial<Source> = {}): Source => ({
  id: newId('src'),
  workspaceId,
  botId: 'bot_a',
  type: 'text',
  title: 'Delivery',
  url: null,
  status: 'queued',
  error: null,
  progress: 0,
  chunkCount: 0,
  revision: 1,
  createdAt: at,
  updatedAt: at,
  ...change,
});

const targetOf = ({ workspaceId, botId, id }: Source, revision = 1): SourceRevision => ({
  workspaceId,
  botId,
  sourceId: id,
  revision,
});

const chunkOf = (source: Source, position: number, text: string): Chunk => ({
  id: `chunk_${source.id}_${text}`,
  sourceId: source.id,
  position,
  headings: ['Above', `${position}`],
  text,
  tokens: 7,
});

export const describeKnowledge = (current: CurrentStore): void => {
  const insert = async (source: Source, text = 'Two days.'): Promise<Source> => {
    await current().store.transact((writers) => writers.knowledge.insert(source, { type: 'text', text }));
    return source;
  };
  /** Writes a revision of one chunk a text, each holding the term `wool` once, and publishes it. */
  const write = async (source: Source, texts: readonly string[], revision = 1): Promise<boolean> => {
    const entries = encodePostings(texts.map((_, position) => ({ position, count: 1, length: 3 })));
    await current().store.transact((writers) =>
      writers.knowledge.writeSlice(targetOf(source, revision), {
        chunks: texts.map((text, position) => chunkOf(source, position, text)),
        index: [{ term: 'wool', entries }],
      }),
    );
    return publish(source, texts.length, revision);
  };
  const publish = (source: Source, chunks: number, revision = 1): Promise<boolean> =>
    current().store.transact((writers) =>
      writers.knowledge.publish(targetOf(source, revision), { chunks, terms: chunks * 3 }, at + 5),
    );
  const knowledge = () => current().store.readers.knowledge;
  const findWool = async (workspaceId: string, limit = 100) =>
    (await knowledge().postings(workspaceId, 'bot_a', { terms: ['wool', 'silk'], limit })).get('wool') ?? [];
  const removeUnused = (source: Source, limit: number): Promise<boolean> =>
    current().store.transact((writers) => writers.knowledge.removeUnused(targetOf(source), limit));

  describe('a source', () => {
    it('comes back as it was handed in', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(
        sourceOf(workspaceId, { url: 'https://shop.example', title: 'Über uns' }),
        'Größe: 2 m',
      );
      expect(await knowledge().find(workspaceId, 'bot_a', source.id)).toEqual(source);
      expect(await knowledge().findContent(workspaceId, 'bot_a', source.id)).toEqual({
        type: 'text',
        text: 'Größe: 2 m',
      });
    });

    it('is not found under another workspace or another bot', async () => {
      const workspaceId = await addWorkspace(current());
      const other = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['Wool.']);
      for (const [workspace, bot] of [
        [other, 'bot_a'],
        [workspaceId, 'bot_b'],
      ] as const) {
        expect(await knowledge().find(workspace, bot, source.id)).toBeNull();
        expect(await knowledge().findContent(workspace, bot, source.id)).toBeNull();
        expect(await knowledge().size(workspace, bot)).toEqual({ chunks: 0, terms: 0 });
        expect(await knowledge().postings(workspace, bot, { terms: ['wool'], limit: 10 })).toEqual(new Map());
        expect(await knowledge().chunks(workspace, bot, [{ sourceId: source.id, position: 0 }])).toEqual([]);
      }
      expect(await knowledge().chunkTexts(other, [chunkOf(source, 0, 'Wool.').id])).toEqual(new Map());
    });

    it('is listed newest first, page by page in both directions', async () => {
      const workspaceId = await addWorkspace(current());
      const ids: string[] = [];
      for (let count = 0; count < 7; count++) ids.unshift((await insert(sourceOf(workspaceId))).id);
      await insert(sourceOf(workspaceId, { botId: 'bot_b' }));
      const { down, up } = await walk((page) => knowledge().list(workspaceId, 'bot_a', page), 3);
      expect(down).toEqual(ids);
      expect(up).toEqual(ids);
      expect(await knowledge().count(workspaceId, 'bot_a')).toBe(7);
    });

    it('is found only once it is published', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await current().store.transact((writers) =>
        writers.knowledge.writeSlice(targetOf(source), {
          chunks: [chunkOf(source, 0, 'Wool.')],
          index: [{ term: 'wool', entries: encodePostings([{ position: 0, count: 1, length: 3 }]) }],
        }),
      );
      expect(await findWool(workspaceId)).toEqual([]);
      expect(await knowledge().chunks(workspaceId, 'bot_a', [{ sourceId: source.id, position: 0 }])).toEqual([]);
      expect(await publish(source, 1)).toBe(true);
      expect(await findWool(workspaceId)).toHaveLength(1);
      expect(await knowledge().size(workspaceId, 'bot_a')).toEqual({ chunks: 1, terms: 3 });
      expect(await knowledge().find(workspaceId, 'bot_a', source.id)).toEqual({
        ...source,
        status: 'ready',
        progress: 1,
        chunkCount: 1,
        updatedAt: at + 5,
      });
    });

    it('is found as it was while another revision is written, and never as both', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['old one', 'old two']);
      await current().store.transact((writers) => writers.knowledge.update({ ...source, revision: 2 }));
      const target = targetOf(source, 2);
      await current().store.transact(async (writers) => {
        expect(await writers.knowledge.setProgress(target, 0.5, at)).toBe(true);
        await writers.knowledge.writeSlice(target, { chunks: [chunkOf(source, 0, 'new')], index: [] });
      });
      const place = [{ sourceId: source.id, position: 0 }];
      const shown = async () => (await knowledge().chunks(workspaceId, 'bot_a', place)).map(({ chunk }) => chunk.text);
      expect(await shown()).toEqual(['old one']);
      expect(await publish(source, 1, 2)).toBe(true);
      expect(await shown()).toEqual(['new']);
      expect(await findWool(workspaceId)).toEqual([]);
    });

    it('takes no progress and no publication of a revision that is no longer wanted, or of one that is gone', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId, { revision: 2 }));
      const tries = (target: SourceRevision) =>
        current().store.transact(async (writers) => [
          await writers.knowledge.setProgress(target, 0.5, at),
          await writers.knowledge.publish(target, { chunks: 1, terms: 1 }, at),
        ]);
      expect(await tries(targetOf(source, 1))).toEqual([false, false]);
      expect(await tries(targetOf({ ...source, id: newId('src') }, 1))).toEqual([false, false]);
      expect(await knowledge().size(workspaceId, 'bot_a')).toEqual({ chunks: 0, terms: 0 });
    });

    it('can have the same slice written twice', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      expect(await write(source, ['Wool.'])).toBe(true);
      expect(await write(source, ['Wool.'])).toBe(true);
      expect(await findWool(workspaceId)).toHaveLength(1);
    });
  });

  describe('chunks', () => {
    it('come in the order asked for, and those that are missing are left out', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      const other = await insert(sourceOf(workspaceId, { title: 'Wool' }));
      await write(source, ['zero', 'one', 'two']);
      await write(other, ['other']);
      const place = (from: Source, position: number) => ({ sourceId: from.id, position });
      const places = [place(source, 2), place(other, 0), place(source, 9), place(source, 0)];
      const found = await knowledge().chunks(workspaceId, 'bot_a', places);
      expect(found.map(({ chunk, source: { title } }) => [chunk.text, title])).toEqual([
        ['two', 'Delivery'],
        ['other', 'Wool'],
        ['zero', 'Delivery'],
      ]);
      expect(found[0]?.chunk).toEqual(chunkOf(source, 2, 'two'));
    });

    it('give their text by id for receipts, until their source is deleted', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['zero']);
      const { id } = chunkOf(source, 0, 'zero');
      expect(await knowledge().chunkTexts(workspaceId, [id, 'chunk_missing'])).toEqual(
        new Map([[id, 'Delivery / Above / 0\nzero']]),
      );
      expect(await knowledge().chunkTexts(workspaceId, [])).toEqual(new Map());
      await current().store.transact((writers) => writers.knowledge.remove(workspaceId, 'bot_a', source.id));
      expect(await knowledge().chunkTexts(workspaceId, [id])).toEqual(new Map());
    });

    it('are looked up by no more postings than allowed', async () => {
      const workspaceId = await addWorkspace(current());
      for (let count = 0; count < 5; count++) await write(await insert(sourceOf(workspaceId)), ['Wool.']);
      expect(await findWool(workspaceId)).toHaveLength(5);
      expect(await findWool(workspaceId, 3)).toHaveLength(3);
      expect(await knowledge().postings(workspaceId, 'bot_a', { terms: [], limit: 3 })).toEqual(new Map());
    });
  });

  describe('removing', () => {
    it('a source hides it at once, and leaves no row of it when the unused ones are removed', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['zero', 'one', 'two']);
      const remove = () =>
        current().store.transact((writers) => writers.knowledge.remove(workspaceId, 'bot_a', source.id));
      expect(await remove()).toBe(true);
      expect(await remove()).toBe(false);
      expect(await findWool(workspaceId)).toEqual([]);
      expect(await knowledge().size(workspaceId, 'bot_a')).toEqual({ chunks: 0, terms: 0 });
      expect(await removeUnused(source, 2)).toBe(false);
      expect(await removeUnused(source, 2)).toBe(true);
      expect(await current().countRows()).toMatchObject({ sources: 0, source_contents: 0, chunks: 0, postings: 0 });
    });

    it('what is unused spares the revision that is found and the one that is wanted', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['first']);
      await current().store.transact((writers) => writers.knowledge.update({ ...source, revision: 3 }));
      const slice = (revision: number) =>
        current().store.transact((writers) =>
          writers.knowledge.writeSlice(targetOf(source, revision), { chunks: [chunkOf(source, 0, 'x')], index: [] }),
        );
      await slice(2);
      await slice(3);
      expect(await removeUnused(source, 100)).toBe(true);
      expect(await current().countRows()).toMatchObject({ chunks: 2, postings: 1 });
      expect(await publish(source, 1, 3)).toBe(true);
      expect(await removeUnused(source, 100)).toBe(true);
      expect(await current().countRows()).toMatchObject({ chunks: 1, postings: 0 });
    });
  });
};
