import { describe, expect, it } from 'vitest';
import type {
  PageReading,
  PageVersion,
  SourceRevision,
  PostingPlace,
} from '../../src/core/knowledge/knowledge-store.ts';
import { positionOf } from '../../src/core/knowledge/page-place.ts';
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
  pages: { known: 1, done: 0, failed: 0 },
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
  page: null,
  anchor: null,
});

const plainReading: PageReading = {
  title: null,
  etag: null,
  lastModified: null,
  contentHash: null,
  fetchedAt: at,
  warnings: [],
};

export const describeKnowledge = (current: CurrentStore): void => {
  const insert = async (source: Source, text = 'Two days.', urls: (string | null)[] = [null]): Promise<Source> => {
    const pages = urls.map((url) => ({ url, depth: 0 }));
    await current().store.transact((writers) => writers.knowledge.insert(source, { type: 'text', text }, pages));
    return source;
  };
  const begin = async (source: Source, number = 0, revision = 1): Promise<PageVersion> => {
    const version = await current().store.transact((writers) =>
      writers.knowledge.beginVersion(targetOf(source, revision), number),
    );
    if (!version) throw new Error('the page is gone');
    return version;
  };
  /** Writes one chunk a text, each holding the term `wool` once. */
  const writeTexts = (source: Source, version: PageVersion, texts: readonly string[]): Promise<boolean> => {
    const positions = texts.map((_, place) => positionOf(version.number, place));
    const entries = encodePostings(positions.map((position) => ({ position, count: 1, length: 3 })));
    return current().store.transact((writers) =>
      writers.knowledge.writeSlice(version, {
        chunks: texts.map((text, place) => chunkOf(source, positions[place] ?? 0, text)),
        index: [{ term: 'wool', entries }],
      }),
    );
  };
  const publish = (
    source: Source,
    version: PageVersion,
    {
      chunks,
      reading = plainReading,
      revision = 1,
      languages = ['en'],
    }: { chunks: number; reading?: PageReading; revision?: number; languages?: readonly string[] },
  ): Promise<boolean> =>
    current().store.transact(async (writers) => {
      const size = { chunks, terms: chunks * 3, languages };
      const published = await writers.knowledge.publish(version, { size, reading, round: revision });
      await writers.knowledge.sumUp(targetOf(source, revision), at + 5);
      return published;
    });
  /** Makes the texts what is found of a page. */
  const write = async (
    source: Source,
    texts: readonly string[],
    { number = 0, revision = 1, reading = plainReading } = {},
  ): Promise<boolean> => {
    const version = await begin(source, number, revision);
    await writeTexts(source, version, texts);
    return publish(source, version, { chunks: texts.length, reading, revision });
  };
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
        expect(await knowledge().size(workspace, bot)).toEqual({ chunks: 0, terms: 0, languages: [] });
        expect(await knowledge().postings(workspace, bot, { terms: ['wool'], limit: 10 })).toEqual(new Map());
        expect(await knowledge().chunks(workspace, bot, [{ sourceId: source.id, position: 0 }])).toEqual([]);
      }
      expect(await knowledge().chunkTexts(other, [chunkOf(source, 0, 'Wool.').id])).toEqual(new Map());
    });

    it('tells the languages of a bot, that of most chunks first, level ones by their names', async () => {
      const workspaceId = await addWorkspace(current());
      for (const [language, chunks] of [
        ['sv', 2],
        ['nl', 1],
        ['da', 1],
        ['de', 2],
        ['fr', 3],
        ['ca', 1],
      ] as const) {
        const source = await insert(sourceOf(workspaceId));
        const version = await begin(source);
        const texts = Array.from({ length: chunks }, (_, count) => `Wool ${count}.`);
        await writeTexts(source, version, texts);
        await publish(source, version, { chunks, languages: [language] });
      }
      const { languages } = await knowledge().size(workspaceId, 'bot_a');
      expect(languages).toEqual(['fr', 'de', 'sv', 'ca', 'da', 'nl']);
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
      const version = await begin(source);
      await writeTexts(source, version, ['Wool.']);
      expect(await findWool(workspaceId)).toEqual([]);
      expect(await knowledge().chunks(workspaceId, 'bot_a', [{ sourceId: source.id, position: 0 }])).toEqual([]);
      expect(await publish(source, version, { chunks: 1 })).toBe(true);
      expect(await findWool(workspaceId)).toHaveLength(1);
      expect(await knowledge().size(workspaceId, 'bot_a')).toEqual({ chunks: 1, terms: 3, languages: ['en'] });
      expect(await knowledge().find(workspaceId, 'bot_a', source.id)).toEqual({
        ...source,
        chunkCount: 1,
        pages: { known: 1, done: 1, failed: 0 },
        updatedAt: at + 5,
      });
    });

    it('has postings of a term that are read page by page, without those that are not published', async () => {
      const workspaceId = await addWorkspace(current());
      const sources: string[] = [];
      for (let count = 0; count < 3; count++) {
        const source = await insert(sourceOf(workspaceId));
        const version = await begin(source);
        await writeTexts(source, version, ['Wool.']);
        if (count !== 1) {
          await publish(source, version, { chunks: 1 });
          sources.push(source.id);
        }
      }
      const read = (after: PostingPlace | null, limit: number) =>
        knowledge().postingsOf(workspaceId, 'bot_a', { term: 'wool', after, limit });
      const found: string[] = [];
      let after: PostingPlace | null = null;
      for (let page = 0; page < 4; page++) {
        const { postings, last } = await read(after, 1);
        found.push(...postings.map(({ sourceId }) => sourceId));
        after = last;
        if (last === null) break;
      }
      expect(found.toSorted()).toEqual(sources.toSorted());
      const whole = await read(null, 10);
      expect(whole.postings.map(({ sourceId }) => sourceId)).toEqual(found);
      expect(whole.last).toBeNull();
    });

    it('is found as it was while another version is written, and never as both', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['old one', 'old two']);
      const version = await begin(source);
      await current().store.transact((writers) =>
        writers.knowledge.writeSlice(version, { chunks: [chunkOf(source, 0, 'new')], index: [] }),
      );
      const place = [{ sourceId: source.id, position: 0 }];
      const shown = async () => (await knowledge().chunks(workspaceId, 'bot_a', place)).map(({ chunk }) => chunk.text);
      expect(await shown()).toEqual(['old one']);
      expect(await publish(source, version, { chunks: 1 })).toBe(true);
      expect(await shown()).toEqual(['new']);
      expect(await findWool(workspaceId)).toEqual([]);
    });

    it('takes no progress and no version for a round that is no longer wanted, or of a source that is gone', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId, { revision: 2 }));
      const tries = (target: SourceRevision, number = 0) =>
        current().store.transact(async (writers) => [
          await writers.knowledge.setProgress(target, 0.5, at),
          (await writers.knowledge.beginVersion(target, number)) !== null,
        ]);
      expect(await tries(targetOf(source, 1))).toEqual([false, false]);
      expect(await tries(targetOf({ ...source, id: newId('src') }, 1))).toEqual([false, false]);
      expect(await tries(targetOf(source, 2))).toEqual([true, true]);
      expect(await tries(targetOf(source, 2), 1)).toEqual([true, false]);
    });

    it('takes nothing more of a version that another was begun in place of', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      const older = await begin(source);
      await writeTexts(source, older, ['half of it']);
      const newer = await begin(source);
      expect(newer.version).toBeGreaterThan(older.version);
      expect(await writeTexts(source, older, ['the rest'])).toBe(false);
      expect(await publish(source, older, { chunks: 2 })).toBe(false);
      await writeTexts(source, newer, ['Wool.']);
      expect(await publish(source, newer, { chunks: 1 })).toBe(true);
      expect(await removeUnused(source, 100)).toBe(true);
      expect(await current().countRows()).toMatchObject({ chunks: 1, postings: 1, retired_versions: 0 });
    });
  });

  describe('pages', () => {
    const urls = ['https://shop.example/', 'https://shop.example/a', 'https://shop.example/b'];
    const nextNumber = async (source: Source, round = 1) =>
      (await knowledge().nextPage(targetOf(source), round))?.number ?? null;
    const list = (source: Source, listed: readonly string[], { maxPages = 10, revision = 1 } = {}) =>
      current().store.transact((writers) =>
        writers.knowledge.listPages(
          targetOf(source, revision),
          listed.map((url) => ({ url, depth: 1 })),
          { maxPages, at },
        ),
      );
    const allPages = async (source: Source) =>
      (
        await knowledge().pages(targetOf(source), { limit: 100, after: null, before: null, status: null })
      ).items.toReversed();

    it('are each found once they are published, with their own title and URL', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId, { url: urls[0] ?? null }), 'x', urls);
      await write(source, ['start'], { reading: { ...plainReading, title: 'Home' } });
      await write(source, ['one', 'two'], { number: 2 });
      expect(await findWool(workspaceId)).toHaveLength(2);
      expect(await knowledge().size(workspaceId, 'bot_a')).toEqual({ chunks: 3, terms: 9, languages: ['en'] });
      const places = [positionOf(2, 1), positionOf(0, 0), positionOf(1, 0)].map((position) => ({
        sourceId: source.id,
        position,
      }));
      const found = await knowledge().chunks(workspaceId, 'bot_a', places);
      expect(found.map(({ chunk, source: { title, url } }) => [chunk.text, title, url])).toEqual([
        ['two', 'Delivery', urls[2]],
        ['start', 'Home', urls[0]],
      ]);
      expect(await knowledge().find(workspaceId, 'bot_a', source.id)).toMatchObject({
        chunkCount: 3,
        pages: { known: 3, done: 2, failed: 0 },
        progress: 2 / 3,
      });
    });

    it('show the place of a chunk in its document, and lead to it by its anchor or its page', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', [urls[1] ?? null]);
      const version = await begin(source);
      const chunk = { ...chunkOf(source, 0, 'Wool.'), page: 7, anchor: 'care' };
      const next = { ...chunkOf(source, 1, 'Linen.'), page: 8 };
      await current().store.transact((writers) =>
        writers.knowledge.writeSlice(version, { chunks: [chunk, next], index: [] }),
      );
      await publish(source, version, { chunks: 2 });
      const places = [0, 1].map((position) => ({ sourceId: source.id, position }));
      const found = await knowledge().chunks(workspaceId, 'bot_a', places);
      expect(found).toEqual([
        { chunk, source: { id: source.id, title: 'Delivery', url: `${urls[1]}#care` } },
        { chunk: next, source: { id: source.id, title: 'Delivery', url: `${urls[1]}#page=8` } },
      ]);
      expect(await knowledge().chunkTexts(workspaceId, [chunk.id])).toEqual(
        new Map([[chunk.id, { text: 'Delivery / Above / 0\nWool.', page: 7, url: `${urls[1]}#care` }]]),
      );
    });

    it('are read in the order of their finding, those that were put off last, each once a round', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls);
      expect(await nextNumber(source)).toBe(0);
      await write(source, ['start']);
      expect(await nextNumber(source)).toBe(1);
      await current().store.transact((writers) => writers.knowledge.postponePage(targetOf(source), 1, at + 100));
      expect(await nextNumber(source)).toBe(2);
      await write(source, ['two'], { number: 2 });
      expect(await knowledge().nextPage(targetOf(source), 1)).toMatchObject({
        number: 1,
        failures: 1,
        dueAt: at + 100,
      });
      await current().store.transact((writers) =>
        writers.knowledge.endPage(targetOf(source), 1, { status: 'failed', error: 'x', reading: null, hide: false }),
      );
      expect(await nextNumber(source)).toBeNull();
      expect(await nextNumber(source, 2)).toBe(0);
      expect((await allPages(source))[1]).toMatchObject({ failures: 0, dueAt: 0, readRound: 1 });
    });

    it('are added once, up to a number in all', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls.slice(0, 1));
      await list(source, [...urls, urls[1] ?? '']);
      expect((await allPages(source)).map(({ number, url, depth }) => [number, url, depth])).toEqual([
        [0, urls[0], 0],
        [1, urls[1], 1],
        [2, urls[2], 1],
      ]);
      const more = ['c', 'd', 'e'].map((path) => `https://shop.example/${path}`);
      await list(source, more, { maxPages: 5 });
      expect((await allPages(source)).map(({ url }) => url)).toEqual([...urls, ...more.slice(0, 2)]);
      await list(source, more, { maxPages: 5 });
      expect(await allPages(source)).toHaveLength(5);
    });

    it('are listed newest first, page by page in both directions', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls);
      await list(
        source,
        ['c', 'd', 'e', 'f'].map((path) => `https://shop.example/${path}`),
      );
      await insert(sourceOf(workspaceId), 'x', urls);
      const ids = (await allPages(source)).map(({ id }) => id).toReversed();
      expect(ids).toHaveLength(7);
      const { down, up } = await walk((page) => knowledge().pages(targetOf(source), { ...page, status: null }), 3);
      expect(down).toEqual(ids);
      expect(up).toEqual(ids);
    });

    it('that a round has not met are removed with what was found of them', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls);
      for (const number of [0, 1, 2]) await write(source, [`text ${number}`], { number });
      await current().store.transact((writers) => writers.knowledge.update({ ...source, revision: 2 }));
      await list(source, [urls[1] ?? ''], { revision: 2 });
      await list(source, ['https://shop.example/never-read'], { revision: 1 });
      const remove = (keepFound = false) =>
        current().store.transact((writers) =>
          writers.knowledge.removeUnlisted(targetOf(source, 2), { limit: 2, keepFound }),
        );
      expect(await remove(true)).toBe(true);
      expect((await allPages(source)).map(({ url }) => url)).toEqual(urls);
      expect(await remove()).toBe(false);
      expect(await remove()).toBe(true);
      expect((await allPages(source)).map(({ url }) => url)).toEqual([urls[1]]);
      expect(await findWool(workspaceId)).toHaveLength(1);
      while (!(await removeUnused(source, 1)));
      expect(await current().countRows()).toMatchObject({
        source_pages: 1,
        chunks: 1,
        postings: 1,
        retired_versions: 0,
      });
    });

    it('keep what was passed over in them as long as they are found', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls.slice(0, 2));
      const warnings = ['Page 2 had no text.', 'So had "5".'];
      const reading = { ...plainReading, warnings };
      for (const number of [0, 1]) await write(source, ['text'], { number, reading });
      const end = (number: number, outcome: { reading: PageReading | null; hide: boolean }) =>
        current().store.transact((writers) =>
          writers.knowledge.endPage(targetOf(source), number, { status: 'failed', error: 'x', ...outcome }),
        );
      const told = async () => (await allPages(source)).map((page) => page.warnings);
      expect(await told()).toEqual([warnings, warnings]);
      await end(0, { reading: null, hide: true });
      await end(1, { reading: null, hide: false });
      expect(await told()).toEqual([[], warnings]);
      await end(1, { reading: plainReading, hide: false });
      expect(await told()).toEqual([[], []]);
    });

    it('that fail keep what was found of them, unless it is to be hidden', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls.slice(0, 2));
      for (const number of [0, 1]) await write(source, [`text ${number}`], { number });
      const end = (number: number, hide: boolean) =>
        current().store.transact(async (writers) => {
          const failure = { status: 'failed', error: `no ${number}`, reading: null, hide } as const;
          await writers.knowledge.endPage(targetOf(source), number, failure);
          return writers.knowledge.sumUp(targetOf(source), at);
        });
      expect(await end(1, false)).toEqual({ ready: 1, firstError: null, chunks: 2 });
      expect(await findWool(workspaceId)).toHaveLength(2);
      expect(await end(0, true)).toEqual({ ready: 0, firstError: 'no 0', chunks: 1 });
      expect(await findWool(workspaceId)).toHaveLength(1);
      expect(await knowledge().find(workspaceId, 'bot_a', source.id)).toMatchObject({
        chunkCount: 1,
        pages: { known: 2, done: 2, failed: 2 },
      });
    });

    it('tell of another page of which the same was read, while it is found', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId), 'x', urls);
      const reading = { ...plainReading, contentHash: 'same' };
      await write(source, ['start'], { reading });
      const twin = (number: number) => knowledge().findTwin(targetOf(source), { number, contentHash: 'same' });
      expect(await twin(1)).toBe(urls[0]);
      expect(await twin(0)).toBeNull();
      await current().store.transact((writers) => writers.knowledge.removePage(targetOf(source), 0));
      expect(await twin(1)).toBeNull();
    });
  });

  describe('a file', () => {
    it('comes back in its parts, byte by byte', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId, { type: 'file' }));
      const parts = [Buffer.from([0, 255, 10, 13]), Buffer.from('end')];
      await current().store.transact(async (writers) => {
        for (const [part, bytes] of parts.entries()) await writers.knowledge.writeBytes(targetOf(source), part, bytes);
      });
      for (const [part, bytes] of parts.entries()) {
        expect(Buffer.from((await knowledge().readBytes(targetOf(source), part)) ?? [])).toEqual(bytes);
      }
      expect(await knowledge().readBytes(targetOf(source), 2)).toBeNull();
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
        new Map([[id, { text: 'Delivery / Above / 0\nzero', page: null, url: null }]]),
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
      await writeTexts(source, await begin(source), ['three']);
      await current().store.transact((writers) =>
        writers.knowledge.writeBytes(targetOf(source), 0, Buffer.from('wool')),
      );
      const remove = () =>
        current().store.transact((writers) => writers.knowledge.remove(workspaceId, 'bot_a', source.id));
      expect(await remove()).toBe(true);
      expect(await remove()).toBe(false);
      expect(await findWool(workspaceId)).toEqual([]);
      expect(await knowledge().size(workspaceId, 'bot_a')).toEqual({ chunks: 0, terms: 0, languages: [] });
      expect(await removeUnused(source, 2)).toBe(false);
      for (let batches = 0; batches < 10 && !(await removeUnused(source, 2)); batches++);
      const gone = { sources: 0, source_contents: 0, source_pages: 0, source_bytes: 0, chunks: 0, postings: 0 };
      expect(await current().countRows()).toMatchObject({ ...gone, retired_versions: 0 });
    });

    it('what is unused spares what is found and what is being written', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await insert(sourceOf(workspaceId));
      await write(source, ['first']);
      await write(source, ['second']);
      await writeTexts(source, await begin(source), ['third']);
      expect(await removeUnused(source, 100)).toBe(true);
      expect(await current().countRows()).toMatchObject({ chunks: 2, postings: 2, retired_versions: 0 });
      expect(await findWool(workspaceId)).toHaveLength(1);
    });
  });
};
