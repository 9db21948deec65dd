import { type Kysely, sql } from 'kysely';
import { contentHash, embeddedText } from '../core/knowledge/content-hash.ts';
import type { ChunkPlace } from '../core/knowledge/knowledge-store.ts';
import {
  maxPlaces,
  type SourcePlace,
  type UnembeddedText,
  type VectorReader,
  type VectorScope,
  type VectorSegment,
  type VectorStore,
} from '../core/knowledge/vector-store.ts';
import { dimensionsOfPacked } from '../kit/vectors/quantise.ts';
import { selectWanted, wantedValues } from './knowledge-lookups-sql.ts';
import type { LongReads } from './long-reads.ts';
import { type NamedQuery, namedQuery } from './named-query.ts';
import type { Schema } from './schema.ts';
import {
  type AlsoWriteVectors,
  pruneVectorRows,
  removeAnyStates,
  removeAnyVectors,
  writeVectorRows,
} from './vector-rows-sql.ts';

/** `quick` for what a turn waits for, `long` for what reads a bot's whole vectors. */
export const vectorReaderSql = (quick: Kysely<Schema>, long: LongReads = () => quick): VectorReader => {
  const exact = exactQuery(quick);
  return {
    async unembedded(scope, sourceId, { after, limit }) {
      const rows = await foundChunks(long(scope.workspaceId), scope, sourceId)
        .select(['chunks.position', 'chunks.content_hash', 'chunks.headings', 'chunks.text'])
        .where('chunks.content_hash', 'is not', null)
        .where('chunks.position', '>', after)
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('vectors')
                .select('vectors.content_hash')
                .whereRef('vectors.workspace_id', '=', 'chunks.workspace_id')
                .whereRef('vectors.bot_id', '=', 'chunks.bot_id')
                .where('vectors.model', '=', scope.model)
                .whereRef('vectors.content_hash', '=', 'chunks.content_hash'),
            ),
          ),
        )
        .orderBy('chunks.position')
        .limit(limit)
        .execute();
      const texts = new Map<string, UnembeddedText>();
      for (const row of rows) {
        const hash = row.content_hash ?? '';
        const known = texts.get(hash);
        if (known) known.position = row.position;
        else texts.set(hash, { position: row.position, contentHash: hash, text: embeddedText(passageOf(row)) });
      }
      return [...texts.values()];
    },

    async countEmbedded(scope, sourceId) {
      const counts = await foundChunks(long(scope.workspaceId), scope, sourceId)
        .leftJoin('vectors', (join) =>
          join
            .onRef('vectors.workspace_id', '=', 'chunks.workspace_id')
            .onRef('vectors.bot_id', '=', 'chunks.bot_id')
            .on('vectors.model', '=', scope.model)
            .onRef('vectors.content_hash', '=', 'chunks.content_hash'),
        )
        .select((select) => [
          select.fn.countAll<number>().as('total'),
          select.fn.count<number>('vectors.content_hash').as('embedded'),
        ])
        .executeTakeFirstOrThrow();
      return { embedded: Number(counts.embedded), total: Number(counts.total) };
    },

    async has({ workspaceId, botId, model }) {
      const row = await quick
        .selectFrom('vector_codes')
        .select('content_hash')
        .where('workspace_id', '=', workspaceId)
        .where('bot_id', '=', botId)
        .where('model', '=', model)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async dimensions({ workspaceId, botId, model }) {
      const row = await long(workspaceId)
        .selectFrom((some) =>
          some
            .selectFrom('vector_codes')
            .select(sql<number>`length(code)`.as('size_bytes'))
            .where('workspace_id', '=', workspaceId)
            .where('bot_id', '=', botId)
            .where('model', '=', model)
            .orderBy('content_hash')
            .limit(vectorsMeasured)
            .as('measured'),
        )
        .select('size_bytes')
        .groupBy('size_bytes')
        .orderBy(({ fn }) => fn.countAll(), 'desc')
        .orderBy('size_bytes')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : dimensionsOfPacked(row.size_bytes);
    },

    async segments(workspaceId, botId) {
      const segments: VectorSegment[] = [];
      for (let after: (VectorSegment & { number: number }) | null = null; ;) {
        const rows = await selectSegments(long(workspaceId), { workspaceId, botId }, after).execute();
        for (const row of rows) {
          after = { sourceId: row.source_id, number: row.number, version: row.version ?? 0, passages: row.chunk_count };
          segments.push({ sourceId: after.sourceId, version: after.version, passages: after.passages });
        }
        if (rows.length < segmentsPerRead) return segments;
      }
    },

    async codes({ workspaceId, botId, model }, { sourceId, version }, { after, limit }) {
      return long(workspaceId)
        .selectFrom('chunks')
        .innerJoin('vector_codes', (join) =>
          join
            .onRef('vector_codes.workspace_id', '=', 'chunks.workspace_id')
            .onRef('vector_codes.bot_id', '=', 'chunks.bot_id')
            .on('vector_codes.model', '=', model)
            .onRef('vector_codes.content_hash', '=', 'chunks.content_hash'),
        )
        .select(['chunks.position', 'vector_codes.code'])
        .where('chunks.workspace_id', '=', workspaceId)
        .where('chunks.bot_id', '=', botId)
        .where('chunks.source_id', '=', sourceId)
        .where('chunks.revision', '=', version)
        .where('chunks.position', '>', after)
        .orderBy('chunks.position')
        .limit(limit)
        .execute();
    },

    exact,

    async embeddings(workspaceId, botId, sourceIds) {
      if (sourceIds.length === 0) return [];
      const rows = await quick
        .selectFrom('source_embeddings')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('bot_id', '=', botId)
        .where('source_id', 'in', sourceIds)
        .execute();
      return rows.map((row) => ({
        sourceId: row.source_id,
        model: row.model,
        status: row.status,
        embedded: row.embedded,
        total: row.total,
        error: row.error,
        updatedAt: row.updated_at,
      }));
    },

    async sources(model, { after, limit }) {
      const rows = await long(null)
        .selectFrom('sources')
        .leftJoin('source_embeddings', (join) =>
          join
            .onRef('source_embeddings.workspace_id', '=', 'sources.workspace_id')
            .onRef('source_embeddings.bot_id', '=', 'sources.bot_id')
            .onRef('source_embeddings.source_id', '=', 'sources.id')
            .on('source_embeddings.model', '=', model)
            .on('source_embeddings.status', '=', 'ready')
            .onRef('source_embeddings.updated_at', '>=', 'sources.updated_at'),
        )
        .select([
          'sources.workspace_id',
          'sources.bot_id',
          'sources.id',
          'source_embeddings.model',
          'sources.chunk_count',
        ])
        .$if(after !== null, (query) =>
          query.where(
            sql<boolean>`(sources.workspace_id, sources.bot_id, sources.id) >
              (${after?.workspaceId}, ${after?.botId}, ${after?.sourceId})`,
          ),
        )
        .orderBy('sources.workspace_id')
        .orderBy('sources.bot_id')
        .orderBy('sources.id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        workspaceId: row.workspace_id,
        botId: row.bot_id,
        sourceId: row.id,
        settled: row.model !== null || row.chunk_count === 0,
      }));
    },
  };
};

export const vectorStoreSql = (db: Kysely<Schema>, alsoWrite: AlsoWriteVectors | null): VectorStore => ({
  ...vectorReaderSql(db),

  async fillHashes(source, limit) {
    const key = { workspaceId: source.workspaceId, botId: source.botId };
    const rows = await foundChunks(db, key, source.sourceId)
      .select(['chunks.revision', 'chunks.position', 'chunks.headings', 'chunks.text'])
      .where('chunks.content_hash', 'is', null)
      .limit(limit)
      .execute();
    for (const row of rows) {
      await db
        .updateTable('chunks')
        .set({ content_hash: contentHash(passageOf(row)) })
        .where('workspace_id', '=', source.workspaceId)
        .where('bot_id', '=', source.botId)
        .where('source_id', '=', source.sourceId)
        .where('revision', '=', row.revision)
        .where('position', '=', row.position)
        .execute();
    }
    return rows.length < limit;
  },

  write: (scope, vectors) => writeVectorRows(db, { scope, vectors }, alsoWrite),

  async note(workspaceId, botId, embedding) {
    const state = {
      model: embedding.model,
      status: embedding.status,
      embedded: embedding.embedded,
      total: embedding.total,
      error: embedding.error,
      updated_at: embedding.updatedAt,
    };
    await db
      .insertInto('source_embeddings')
      .values({ workspace_id: workspaceId, bot_id: botId, source_id: embedding.sourceId, ...state })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'bot_id', 'source_id']).doUpdateSet(state))
      .execute();
  },

  prune: (bot, options) => pruneVectorRows(db, bot, options),

  async removeAny(limit) {
    return (await removeAnyVectors(db, limit)) && (await removeAnyStates(db, limit));
  },
});

const passageOf = (row: { headings: string; text: string }) => ({
  headings: JSON.parse(row.headings) as string[],
  text: row.text,
});

/** Passages of a source that can be found. */
const foundChunks = (db: Kysely<Schema>, bot: Omit<VectorScope, 'model'>, sourceId: SourcePlace['sourceId']) =>
  db
    .selectFrom('chunks')
    .innerJoin('source_pages', (join) =>
      join
        .onRef('source_pages.workspace_id', '=', 'chunks.workspace_id')
        .onRef('source_pages.bot_id', '=', 'chunks.bot_id')
        .onRef('source_pages.source_id', '=', 'chunks.source_id')
        .onRef('source_pages.version', '=', 'chunks.revision'),
    )
    .where('chunks.workspace_id', '=', bot.workspaceId)
    .where('chunks.bot_id', '=', bot.botId)
    .where('chunks.source_id', '=', sourceId);

/** The first by content hash, which is as good as drawn by lot: they are looked at with every request that is kept. */
const vectorsMeasured = 100;

/** Segments of one read: a site has as many as pages. */
const segmentsPerRead = 5_000;

const selectSegments = (
  db: Kysely<Schema>,
  { workspaceId, botId }: Omit<VectorScope, 'model'>,
  after: { sourceId: string; number: number } | null,
) =>
  db
    .selectFrom('source_pages')
    .select(['source_id', 'number', 'version', 'chunk_count'])
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(source_id, number) > (${after?.sourceId}, cast(${after?.number} as bigint))`),
    )
    .where('version', 'is not', null)
    .where('chunk_count', '>', 0)
    .orderBy('source_id')
    .orderBy('number')
    .limit(segmentsPerRead);

type ExactRow = { source_id: string; position: number; vector: Uint8Array };

/** On the path of a turn, so that it is compiled once: a shorter list is filled up by repeating its last place. */
const exactQuery = (db: Kysely<Schema>): VectorReader['exact'] => {
  let query: NamedQuery<ExactRow> | null = null;
  return async ({ workspaceId, botId, model }, places) => {
    const listed = places.slice(0, maxPlaces);
    const last = listed.at(-1);
    if (last === undefined) return [];
    query ??= namedQuery('exact vectors', selectExact(db).compile());
    const filled = [...listed, ...Array.from({ length: maxPlaces - listed.length }, (): ChunkPlace => last)];
    const { rows } = await db.executeQuery<ExactRow>({
      ...query,
      parameters: [...wantedValues(filled), model, workspaceId, botId],
    });
    return rows.map((row) => ({ sourceId: row.source_id, position: row.position, vector: row.vector }));
  };
};

const selectExact = (db: Kysely<Schema>) =>
  selectWanted(db, maxPlaces)
    .innerJoin('vectors', (join) =>
      join
        .onRef('vectors.workspace_id', '=', 'chunks.workspace_id')
        .onRef('vectors.bot_id', '=', 'chunks.bot_id')
        .on('vectors.model', '=', '')
        .onRef('vectors.content_hash', '=', 'chunks.content_hash'),
    )
    .select(['chunks.source_id', 'chunks.position', 'vectors.vector']);
