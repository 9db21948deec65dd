import type { Kysely } from 'kysely';
import type {
  ChunkPlace,
  KnowledgeReader,
  KnowledgeStore,
  PlacedChunk,
  Posting,
} from '../core/knowledge/knowledge-store.ts';
import { passageHeading } from '../core/knowledge/passage-heading.ts';
import type { Source, SourceContent } from '../core/knowledge/source.ts';
import {
  type ChunkRow,
  type KnowledgeLookups,
  knowledgeLookupsSql,
  maxListed,
  selectChunksById,
} from './knowledge-lookups-sql.ts';
import { endPage, hashOfUrl, listPages, postponePage, removePages, sumUpPages } from './knowledge-pages-sql.ts';
import { beginVersion, publishVersion, writeVersionSlice } from './knowledge-versions-sql.ts';
import { readPage } from './page.ts';
import { splitLanguages } from './source-languages.ts';
import { removeUnusedRows } from './remove-unused-sql.ts';
import type { Schema } from './schema.ts';
import { selectPages, toPage } from './source-page-rows.ts';
import type { SourcesTable } from './tables/sources.ts';

export const knowledgeReaderSql = (
  db: Kysely<Schema>,
  lookups: KnowledgeLookups = knowledgeLookupsSql(db),
): KnowledgeReader => ({
  async find(workspaceId, botId, sourceId) {
    const row = await selectSources(db, workspaceId, botId).where('id', '=', sourceId).executeTakeFirst();
    return row ? toSource(row) : null;
  },

  async findContent(workspaceId, botId, sourceId) {
    const row = await db
      .selectFrom('source_contents')
      .select('content')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('source_id', '=', sourceId)
      .executeTakeFirst();
    return row ? (JSON.parse(row.content) as SourceContent) : null;
  },

  async list(workspaceId, botId, page) {
    const { items, hasMore } = await readPage(selectSources(db, workspaceId, botId), 'id', page);
    return { items: items.map(toSource), hasMore };
  },

  async count(workspaceId, botId) {
    const { count } = await db
      .selectFrom('sources')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .executeTakeFirstOrThrow();
    return Number(count);
  },

  async size(workspaceId, botId) {
    const rows = await db
      .selectFrom('sources')
      .select((select) => [
        'languages',
        select.fn.sum<number | null>('chunk_count').as('chunks'),
        select.fn.sum<number | null>('term_count').as('terms'),
      ])
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .groupBy('languages')
      .execute();
    // the first of them reads a question that tells no language itself, so both stores must say the same
    rows.sort(
      (one, other) => Number(other.chunks ?? 0) - Number(one.chunks ?? 0) || (one.languages < other.languages ? -1 : 1),
    );
    return {
      chunks: rows.reduce((sum, { chunks }) => sum + Number(chunks ?? 0), 0),
      terms: rows.reduce((sum, { terms }) => sum + Number(terms ?? 0), 0),
      languages: [...new Set(rows.flatMap((row) => splitLanguages(row.languages)))],
    };
  },

  async postings(workspaceId, botId, { terms, limit }) {
    const found = new Map<string, Posting[]>();
    if (terms.length === 0) return found;
    for (const { term, source_id: sourceId, entries } of await lookups.postings({ workspaceId, botId }, terms, limit)) {
      const postings = found.get(term);
      if (postings) postings.push({ sourceId, entries });
      else found.set(term, [{ sourceId, entries }]);
    }
    return found;
  },

  async postingsOf(workspaceId, botId, lookup) {
    const rows = await lookups.postingsOf({ workspaceId, botId }, lookup);
    const last = rows.length < lookup.limit ? undefined : rows.at(-1);
    return {
      postings: rows.flatMap(({ source_id: sourceId, entries }) => (entries ? [{ sourceId, entries }] : [])),
      last: last ? { sourceId: last.source_id, version: Number(last.revision) } : null,
    };
  },

  async chunks(workspaceId, botId, places) {
    if (places.length === 0) return [];
    const rows = await lookups.chunks({ workspaceId, botId }, places);
    const byPlace = new Map(rows.map((row) => [placeKey({ sourceId: row.source_id, position: row.position }), row]));
    return places.flatMap((place) => {
      const row = byPlace.get(placeKey(place));
      return row ? [toPlacedChunk(row)] : [];
    });
  },

  async chunkTexts(workspaceId, chunkIds) {
    if (chunkIds.length === 0) return new Map();
    const rows = await selectChunksById(db, workspaceId, chunkIds.slice(0, maxListed)).execute();
    return new Map(rows.map((row) => [row.id, { text: withHeadings(row), page: row.page, url: urlOf(row) }]));
  },

  async pages(source, page) {
    const all = selectPages(db, source);
    const { items, hasMore } = await readPage(
      page.status === null ? all : all.where('status', '=', page.status),
      'id',
      page,
    );
    return { items: items.map(toPage), hasMore };
  },

  async nextPage(source, round) {
    const row = await selectPages(db, source)
      .where('read_round', '<', round)
      .orderBy('due_at')
      .orderBy('number')
      .limit(1)
      .executeTakeFirst();
    return row ? toPage(row) : null;
  },

  async findPage(source, url) {
    const row = await selectPages(db, source).where('url_hash', '=', hashOfUrl(url)).executeTakeFirst();
    return row ? toPage(row) : null;
  },

  async isListed({ workspaceId, botId, sourceId, revision }) {
    const row = await db
      .selectFrom('sources')
      .select('listed_round')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('id', '=', sourceId)
      .executeTakeFirst();
    return row !== undefined && row.listed_round >= revision;
  },

  async findTwin(source, { number, contentHash }) {
    const row = await selectPages(db, source)
      .where('content_hash', '=', contentHash)
      .where('version', 'is not', null)
      .where('number', '!=', number)
      .orderBy('number')
      .limit(1)
      .executeTakeFirst();
    return row?.url ?? null;
  },

  async readBytes({ workspaceId, botId, sourceId }, part) {
    const row = await db
      .selectFrom('source_bytes')
      .select('bytes')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('source_id', '=', sourceId)
      .where('part', '=', part)
      .executeTakeFirst();
    return row?.bytes ?? null;
  },
});

/** A passage as a model is shown it: below the title of its page or source and its headings. */
const withHeadings = (row: ChunkRow): string =>
  `${passageHeading(titleOf(row), JSON.parse(row.headings) as string[])}\n${row.text}`;

const titleOf = (row: ChunkRow): string => row.page_title ?? row.title;

export const knowledgeStoreSql = (db: Kysely<Schema>): KnowledgeStore => ({
  ...knowledgeReaderSql(db),

  async insert(source, content, pages) {
    const key = { workspace_id: source.workspaceId, bot_id: source.botId };
    await db
      .insertInto('sources')
      .values({
        ...key,
        id: source.id,
        type: source.type,
        title: source.title,
        url: source.url,
        status: source.status,
        error: source.error,
        progress: source.progress,
        chunk_count: 0,
        term_count: 0,
        languages: '',
        revision: source.revision,
        ready_revision: null,
        last_version: 0,
        listed_round: 0,
        pages_known: pages.length,
        pages_done: 0,
        pages_failed: 0,
        created_at: source.createdAt,
        updated_at: source.updatedAt,
      })
      .execute();
    await db
      .insertInto('source_contents')
      .values({ ...key, source_id: source.id, content: JSON.stringify(content) })
      .execute();
    const target = { workspaceId: source.workspaceId, botId: source.botId, sourceId: source.id };
    const round = { ...target, revision: source.revision };
    await listPages(db, round, { pages, maxPages: pages.length, at: source.createdAt });
  },

  async update(source) {
    await updateSource(db, { ...source, sourceId: source.id })
      .set({
        status: source.status,
        error: source.error,
        progress: source.progress,
        revision: source.revision,
        updated_at: source.updatedAt,
      })
      .execute();
  },

  async setProgress(target, progress, at) {
    const { numUpdatedRows } = await updateSource(db, target)
      .set({ status: 'processing', error: null, progress, updated_at: at })
      .where('revision', '=', target.revision)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  listPages: (target, pages, options) => listPages(db, target, { pages, ...options }),

  async removeUnlisted(target, { limit, keepFound }) {
    const unlisted = selectPages(db, target).where('listed_round', '<', target.revision).limit(limit);
    const gone = await (keepFound ? unlisted.where('version', 'is', null) : unlisted).execute();
    await removePages(db, target, gone);
    return gone.length < limit;
  },

  async markListed(target) {
    await updateSource(db, target)
      .set({ listed_round: target.revision })
      .where('revision', '=', target.revision)
      .execute();
  },

  beginVersion: (target, number) => beginVersion(db, target, number),
  writeSlice: (target, slice) => writeVersionSlice(db, target, slice),
  publish: (target, outcome) => publishVersion(db, target, outcome),
  endPage: (target, number, end) => endPage(db, target, { ...end, number }),
  postponePage: (source, number, dueAt) => postponePage(db, source, { number, dueAt }),

  async removePage(source, number) {
    await removePages(db, source, await selectPages(db, source).where('number', '=', number).execute());
  },

  sumUp: (target, at) => sumUpPages(db, target, at),

  async writeBytes({ workspaceId, botId, sourceId }, part, bytes) {
    await db
      .insertInto('source_bytes')
      .values({ workspace_id: workspaceId, bot_id: botId, source_id: sourceId, part, bytes })
      .execute();
  },

  async remove(workspaceId, botId, sourceId) {
    for (const table of ['source_contents', 'source_pages', 'source_embeddings'] as const) {
      await db
        .deleteFrom(table)
        .where('workspace_id', '=', workspaceId)
        .where('bot_id', '=', botId)
        .where('source_id', '=', sourceId)
        .execute();
    }
    const { numDeletedRows } = await db
      .deleteFrom('sources')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('id', '=', sourceId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  },

  removeUnused: (source, limit) => removeUnusedRows(db, source, limit),
});

const selectSources = (db: Kysely<Schema>, workspaceId: string, botId: string) =>
  db.selectFrom('sources').selectAll().where('workspace_id', '=', workspaceId).where('bot_id', '=', botId);

const updateSource = (db: Kysely<Schema>, target: { workspaceId: string; botId: string; sourceId: string }) =>
  db
    .updateTable('sources')
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('id', '=', target.sourceId);

const placeKey = (place: ChunkPlace): string => `${place.sourceId}:${place.position}`;

const toPlacedChunk = (row: ChunkRow): PlacedChunk => ({
  chunk: {
    id: row.id,
    sourceId: row.source_id,
    position: row.position,
    headings: JSON.parse(row.headings) as string[],
    text: row.text,
    tokens: row.tokens,
    page: row.page,
    anchor: row.anchor,
  },
  source: { id: row.source_id, title: titleOf(row), url: urlOf(row) },
});

/** Readers of PDF and browsers take the number of a page as a fragment (RFC 8118). */
const urlOf = ({ page_url: pageUrl, url, anchor, page }: ChunkRow): string | null => {
  const fragment = anchor ?? (page === null ? null : `page=${page}`);
  return pageUrl === null || fragment === null ? (pageUrl ?? url) : `${pageUrl}#${fragment}`;
};

const toSource = (row: SourcesTable): Source => ({
  id: row.id,
  workspaceId: row.workspace_id,
  botId: row.bot_id,
  type: row.type,
  title: row.title,
  url: row.url,
  status: row.status,
  error: row.error,
  progress: row.progress,
  chunkCount: row.chunk_count,
  pages: { known: row.pages_known, done: row.pages_done, failed: row.pages_failed },
  revision: row.revision,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
