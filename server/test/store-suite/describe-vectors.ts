import { describe, expect, it } from 'vitest';
import { contentHash } from '../../src/core/knowledge/content-hash.ts';
import { positionOf } from '../../src/core/knowledge/page-place.ts';
import type { Chunk, Source } from '../../src/core/knowledge/source.ts';
import type { SourceEmbedding, StoredVector, VectorKey, VectorScope } from '../../src/core/knowledge/vector-store.ts';
import { newId } from '../../src/kit/id.ts';
import { packFloats, packQuantised, quantise } from '../../src/kit/vectors/quantise.ts';
import { addWorkspace, at, type CurrentStore } from './store-under-test.ts';

const model = 'local/e5';

const storedOf = (text: string, numbers: readonly number[] = [1, 0]): StoredVector => {
  const vector = Float32Array.from(numbers);
  return {
    contentHash: contentHash({ headings: [], text }),
    vector: packFloats(vector),
    code: packQuantised(quantise(vector)),
  };
};

export const describeVectors = (current: CurrentStore): void => {
  const vectors = () => current().store.readers.vectors;
  const transact: ReturnType<CurrentStore>['store']['transact'] = (work) => current().store.transact(work);
  const scopeOf = (workspaceId: string, change: Partial<VectorScope> = {}): VectorScope => ({
    workspaceId,
    botId: 'bot_a',
    model,
    ...change,
  });

  /** A source of one page a list of texts, each page found. */
  const addSource = async (workspaceId: string, pages: readonly (readonly string[])[], botId = 'bot_a') => {
    const source: Source = {
      id: newId('src'),
      workspaceId,
      botId,
      type: 'text',
      title: 'Notes',
      url: null,
      status: 'queued',
      error: null,
      progress: 0,
      chunkCount: 0,
      pages: { known: 0, done: 0, failed: 0 },
      revision: 1,
      createdAt: at,
      updatedAt: at,
    };
    await transact(({ knowledge }) =>
      knowledge.insert(
        source,
        { type: 'text', text: 'x' },
        pages.map((_, number) => ({ url: `https://shop.example/${number}`, depth: 0 })),
      ),
    );
    for (const [number, texts] of pages.entries()) await writePage(source, number, texts);
    return source;
  };

  const writePage = (source: Source, number: number, texts: readonly string[]) =>
    transact(async ({ knowledge }) => {
      const { workspaceId, botId, id: sourceId } = source;
      const target = { workspaceId, botId, sourceId, revision: 1 };
      const version = await knowledge.beginVersion(target, number);
      if (!version) throw new Error('there is no such page');
      const chunks = texts.map((text, place): Chunk => ({
        id: `chunk_${sourceId}_${number}_${place}`,
        sourceId,
        position: positionOf(number, place),
        headings: [],
        text,
        tokens: 3,
        page: null,
        anchor: null,
      }));
      await knowledge.writeSlice(version, { chunks, index: [] });
      const reading = { title: null, etag: null, lastModified: null, contentHash: null, fetchedAt: null, warnings: [] };
      await knowledge.publish(version, {
        size: { chunks: texts.length, terms: texts.length * 3, languages: [] },
        reading,
        round: 1,
      });
      await knowledge.sumUp(target, at);
      return version.version;
    });

  const write = (scope: VectorScope, ...rows: StoredVector[]) =>
    transact((writers) => writers.vectors.write(scope, rows));
  const textsOf = async (scope: VectorScope, source: Source, page = { after: -1, limit: 10 }): Promise<string[]> =>
    (await vectors().unembedded(scope, source.id, page)).map(({ text }) => text);
  const prune = async (workspaceId: string, keep: string | null, limit = 100) => {
    let after: VectorKey | null = null;
    let removed = 0;
    for (let rounds = 1; ; rounds += 1) {
      const pruned = await transact((writers) =>
        writers.vectors.prune({ workspaceId, botId: 'bot_a' }, { keep, after, limit }),
      );
      after = pruned.after;
      removed += pruned.removed;
      if (after === null) return { rounds, removed };
    }
  };
  const counts = async () => {
    const { vectors: exact, vector_codes: codes, source_embeddings: notes } = await current().countRows();
    return { exact, codes, notes };
  };

  describe('texts without a vector', () => {
    it('are each given once, in their order and page by page, under their model alone', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await addSource(workspaceId, [['one', 'two', 'one'], ['three']]);
      const scope = scopeOf(workspaceId);
      expect((await textsOf(scope, source)).toSorted()).toEqual(['one', 'three', 'two']);
      expect(await vectors().countEmbedded(scope, source.id)).toEqual({ embedded: 0, total: 4 });
      const [first] = await vectors().unembedded(scope, source.id, { after: -1, limit: 1 });
      expect(first?.text).toBe('one');
      expect(await textsOf(scope, source, { after: first?.position ?? -1, limit: 1 })).toEqual(['two']);
      await write(scope, storedOf('one'), storedOf('three'));
      expect(await textsOf(scope, source)).toEqual(['two']);
      expect(await vectors().countEmbedded(scope, source.id)).toEqual({ embedded: 3, total: 4 });
      expect(await textsOf(scopeOf(workspaceId, { model: 'local/e6' }), source)).toHaveLength(3);
    });

    it('are none where another source of the bot has the same, and all for another bot', async () => {
      const workspaceId = await addWorkspace(current());
      await addSource(workspaceId, [['one']]);
      await write(scopeOf(workspaceId), storedOf('one'));
      const copy = await addSource(workspaceId, [['one']]);
      const foreign = await addSource(workspaceId, [['one']], 'bot_b');
      expect(await textsOf(scopeOf(workspaceId), copy)).toEqual([]);
      expect(await textsOf(scopeOf(workspaceId, { botId: 'bot_b' }), foreign)).toEqual(['one']);
    });

    it('of an earlier version get their hash in batches', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await addSource(workspaceId, [['one', 'two', 'three']]);
      await current().run('update chunks set content_hash = null');
      const place = { workspaceId, botId: 'bot_a', sourceId: source.id };
      expect(await textsOf(scopeOf(workspaceId), source)).toEqual([]);
      expect(await transact((writers) => writers.vectors.fillHashes(place, 2))).toBe(false);
      expect(await transact((writers) => writers.vectors.fillHashes(place, 2))).toBe(true);
      expect(await textsOf(scopeOf(workspaceId), source)).toEqual(['one', 'two', 'three']);
      await write(scopeOf(workspaceId), storedOf('one'));
      expect(await textsOf(scopeOf(workspaceId), source)).toEqual(['two', 'three']);
    });
  });

  describe('a vector', () => {
    it('is not kept of a text that is no passage any more, nor twice', async () => {
      const workspaceId = await addWorkspace(current());
      await addSource(workspaceId, [['one']]);
      await write(scopeOf(workspaceId), storedOf('one', [1, 0]), storedOf('gone'));
      await write(scopeOf(workspaceId), storedOf('one', [0, 1]));
      expect(await counts()).toMatchObject({ exact: 1, codes: 1 });
      expect(await vectors().has(scopeOf(workspaceId))).toBe(true);
      expect(await vectors().has(scopeOf(workspaceId, { model: 'local/e6' }))).toBe(false);
      expect(await vectors().has(scopeOf(workspaceId, { botId: 'bot_b' }))).toBe(false);
    });

    it('is as long as most of the bot are under its model', async () => {
      const workspaceId = await addWorkspace(current());
      await addSource(workspaceId, [['one', 'two', 'three']]);
      const scope = scopeOf(workspaceId);
      expect(await vectors().dimensions(scope)).toBeNull();
      await write(scope, storedOf('one', [1, 0, 0]), storedOf('two'), storedOf('three', [0, 1, 0]));
      await write({ ...scope, model: 'local/e6' }, storedOf('one'), storedOf('two'));
      expect(await vectors().dimensions(scope)).toBe(3);
      expect(await transact((writers) => writers.vectors.dimensions(scope))).toBe(3);
      expect(await vectors().dimensions({ ...scope, model: 'local/e6' })).toBe(2);
      expect(await vectors().dimensions({ ...scope, botId: 'bot_b' })).toBeNull();
    });

    it('is read for the scan by segment, in slices', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await addSource(workspaceId, [['one', 'two', 'three'], ['four']]);
      const scope = scopeOf(workspaceId);
      await write(scope, ...['one', 'two', 'three'].map((text) => storedOf(text)));
      const [first, second] = await vectors().segments(workspaceId, 'bot_a');
      expect([first?.passages, second?.passages]).toEqual([3, 1]);
      const positions: number[] = [];
      for (let after = -1; ;) {
        const rows = await vectors().codes(scope, first!, { after, limit: 2 });
        positions.push(...rows.map(({ position }) => position));
        after = rows.at(-1)?.position ?? after;
        if (rows.length < 2) break;
      }
      expect(positions).toEqual([0, 1, 2]);
      expect(await vectors().codes(scope, second!, { after: -1, limit: 2 })).toEqual([]);
      const [row] = await vectors().codes(scope, first!, { after: -1, limit: 1 });
      expect(Buffer.from(row!.code)).toEqual(Buffer.from(storedOf('one').code));
      expect(second?.sourceId).toBe(source.id);
    });

    it('is compared exactly with what stands at a place now', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await addSource(workspaceId, [['one', 'two'], ['three']]);
      const scope = scopeOf(workspaceId);
      await write(scope, storedOf('one', [1, 0]), storedOf('three', [0, 1]));
      const places = [positionOf(0, 0), positionOf(0, 1), positionOf(1, 0), positionOf(7, 0)].map((position) => ({
        sourceId: source.id,
        position,
      }));
      const exact = async () => {
        const rows = await vectors().exact(scope, places);
        const byPosition = rows.map(({ position, vector }) => [position, Buffer.from(vector)] as const);
        return new Map(byPosition.toSorted(([left], [right]) => left - right));
      };
      expect(await exact()).toEqual(
        new Map([
          [positionOf(0, 0), Buffer.from(storedOf('one', [1, 0]).vector)],
          [positionOf(1, 0), Buffer.from(storedOf('three', [0, 1]).vector)],
        ]),
      );
      expect(await vectors().exact(scope, [])).toEqual([]);
      await writePage(source, 0, ['another', 'one']);
      expect([...(await exact()).keys()]).toEqual([positionOf(0, 1), positionOf(1, 0)]);
    });
  });

  describe('vectors that are no longer wanted', () => {
    it('go in batches: those of texts that are gone, and of other models', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await addSource(workspaceId, [['one', 'two', 'three']]);
      const texts = ['one', 'two', 'three'].map((text) => storedOf(text));
      await write(scopeOf(workspaceId), ...texts);
      await write(scopeOf(workspaceId, { model: 'local/e6' }), ...texts);
      expect(await prune(workspaceId, null, 2)).toEqual({ rounds: 4, removed: 0 });
      expect(await counts()).toMatchObject({ exact: 6, codes: 6 });
      expect(await prune(workspaceId, model, 2)).toMatchObject({ removed: 3 });
      expect(await counts()).toMatchObject({ exact: 3, codes: 3 });
      await writePage(source, 0, ['one']);
      const key = { workspaceId, botId: 'bot_a', sourceId: source.id };
      await transact(({ knowledge }) => knowledge.removeUnused(key, 100));
      expect(await prune(workspaceId, null, 2)).toMatchObject({ removed: 2 });
      expect(await counts()).toMatchObject({ exact: 1, codes: 1 });
    });

    it('of everybody go with their notes where no model is left', async () => {
      const workspaceId = await addWorkspace(current());
      const other = await addWorkspace(current());
      for (const id of [workspaceId, other]) {
        const source = await addSource(id, [['one', 'two']]);
        await write(scopeOf(id), storedOf('one'), storedOf('two'));
        await note(id, source, 'ready');
      }
      let rounds = 0;
      while (!(await transact((writers) => writers.vectors.removeAny(3)))) rounds += 1;
      expect(rounds).toBeGreaterThan(0);
      expect(await counts()).toEqual({ exact: 0, codes: 0, notes: 0 });
    });
  });

  const note = (workspaceId: string, source: Source, status: SourceEmbedding['status'], under = model) =>
    transact((writers) =>
      writers.vectors.note(workspaceId, 'bot_a', {
        sourceId: source.id,
        model: under,
        status,
        embedded: 1,
        total: 2,
        error: status === 'failed' ? 'It failed.' : null,
        updatedAt: at + 1,
      }),
    );

  describe('what is noted of a source', () => {
    it('is replaced, and goes with it', async () => {
      const workspaceId = await addWorkspace(current());
      const source = await addSource(workspaceId, [['one']]);
      await note(workspaceId, source, 'processing');
      await note(workspaceId, source, 'failed');
      expect(await vectors().embeddings(workspaceId, 'bot_a', [source.id, 'src_other'])).toEqual([
        {
          sourceId: source.id,
          model,
          status: 'failed',
          embedded: 1,
          total: 2,
          error: 'It failed.',
          updatedAt: at + 1,
        },
      ]);
      expect(await vectors().embeddings(workspaceId, 'bot_b', [source.id])).toEqual([]);
      await transact(({ knowledge }) => knowledge.remove(workspaceId, 'bot_a', source.id));
      expect(await vectors().embeddings(workspaceId, 'bot_a', [source.id])).toEqual([]);
    });

    it('tells which sources still want vectors, page by page', async () => {
      const workspaceId = await addWorkspace(current());
      const ready = await addSource(workspaceId, [['one']]);
      const failed = await addSource(workspaceId, [['one']]);
      const stale = await addSource(workspaceId, [['one']]);
      const empty = await addSource(workspaceId, []);
      await note(workspaceId, ready, 'ready');
      await note(workspaceId, failed, 'failed');
      await note(workspaceId, stale, 'ready', 'local/e6');
      const settled = new Map<string, boolean>();
      for (let after = null; ;) {
        const sources = await vectors().sources(model, { after, limit: 2 });
        for (const source of sources) settled.set(source.sourceId, source.settled);
        after = sources.at(-1) ?? null;
        if (sources.length < 2) break;
      }
      expect(settled).toEqual(
        new Map([
          [ready.id, true],
          [failed.id, false],
          [stale.id, false],
          [empty.id, true],
        ]),
      );
    });
  });
};
