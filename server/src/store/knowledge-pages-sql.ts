import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { PageEnd, PageSums, SourceKey, SourceRevision } from '../core/knowledge/knowledge-store.ts';
import { maxPageNumber } from '../core/knowledge/page-place.ts';
import type { NewPage } from '../core/knowledge/source-page.ts';
import { newId } from '../kit/id.ts';
import type { Schema } from './schema.ts';
import { readingColumns, retireVersions, selectPages, updatePage } from './source-page-rows.ts';
import type { SourcePagesTable } from './tables/source-pages.ts';

/** Index entries have to stay small on every database, and URLs are long. */
export const hashOfUrl = (url: string | null): string =>
  url === null ? '' : createHash('sha256').update(url).digest('base64url').slice(0, 22);

/** Adds those that are not known, and notes of all that the round has met them. */
export const listPages = async (
  db: Kysely<Schema>,
  target: SourceRevision,
  { pages, maxPages, at }: { pages: readonly NewPage[]; maxPages: number; at: number },
): Promise<void> => {
  if (pages.length === 0) return;
  const byHash = new Map(pages.map((page) => [hashOfUrl(page.url), page]));
  const { workspaceId, botId, sourceId, revision } = target;
  const known = await selectPages(db, target)
    .clearSelect()
    .select('url_hash')
    .where('url_hash', 'in', [...byHash.keys()])
    .execute();
  if (known.length > 0) {
    await db
      .updateTable('source_pages')
      .set({ listed_round: revision })
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('source_id', '=', sourceId)
      .where(
        'url_hash',
        'in',
        known.map((row) => row.url_hash),
      )
      .execute();
  }
  const { count, last } = await selectPages(db, target)
    .clearSelect()
    .select((select) => [select.fn.countAll<number>().as('count'), select.fn.max<number | null>('number').as('last')])
    .executeTakeFirstOrThrow();
  for (const { url_hash: hash } of known) byHash.delete(hash);
  const added = [...byHash].slice(0, Math.max(0, maxPages - Number(count)));
  const from = last === null ? 0 : Number(last) + 1;
  if (added.length === 0 || from + added.length > maxPageNumber) return;
  await db
    .insertInto('source_pages')
    .values(
      added.map(([hash, page], index) => ({
        ...emptyPage,
        workspace_id: workspaceId,
        bot_id: botId,
        source_id: sourceId,
        number: from + index,
        id: newId('page'),
        url: page.url,
        url_hash: hash,
        depth: page.depth,
        listed_round: revision,
        // of an earlier round, so that this one has to read it
        read_round: revision - 1,
        created_at: at,
      })),
    )
    .execute();
};

const emptyPage = {
  title: null,
  status: 'waiting',
  error: null,
  failures: 0,
  due_at: 0,
  etag: null,
  last_modified: null,
  content_hash: null,
  version: null,
  pending_version: null,
  chunk_count: 0,
  term_count: 0,
  fetched_at: null,
  warnings: null,
} as const;

export const endPage = async (
  db: Kysely<Schema>,
  target: SourceRevision,
  { number, status, error, reading, hide }: PageEnd & { number: number },
): Promise<void> => {
  const page = await selectPages(db, target).where('number', '=', number).executeTakeFirst();
  if (!page) return;
  await retireVersions(db, target, [page.pending_version, hide ? page.version : null]);
  await updatePage(db, target, number)
    .set({
      status,
      error,
      failures: 0,
      due_at: 0,
      read_round: target.revision,
      pending_version: null,
      ...(hide ? { version: null, chunk_count: 0, term_count: 0, warnings: null } : {}),
      ...(reading ? readingColumns(reading) : {}),
    })
    .execute();
};

export const postponePage = async (
  db: Kysely<Schema>,
  target: SourceKey,
  { number, dueAt }: { number: number; dueAt: number },
): Promise<void> => {
  await updatePage(db, target, number)
    .set((set) => ({ due_at: dueAt, failures: set('failures', '+', 1) }))
    .execute();
};

export const removePages = async (
  db: Kysely<Schema>,
  target: SourceKey,
  pages: readonly Pick<SourcePagesTable, 'number' | 'version' | 'pending_version'>[],
): Promise<void> => {
  if (pages.length === 0) return;
  await retireVersions(
    db,
    target,
    pages.flatMap((page) => [page.version, page.pending_version]),
  );
  await db
    .deleteFrom('source_pages')
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .where(
      'number',
      'in',
      pages.map(({ number }) => number),
    )
    .execute();
};

/** The sums over the pages, in the row of the source: lists and the size of a bot's knowledge read nothing else. */
export const sumUpPages = async (db: Kysely<Schema>, target: SourceRevision, at: number): Promise<PageSums> => {
  const { workspaceId, botId, sourceId, revision } = target;
  const sums = await db
    .selectFrom('source_pages')
    .select((select) => [
      select.fn.countAll<number>().as('known'),
      sql<number | null>`sum(case when read_round >= ${revision} then 1 else 0 end)`.as('done'),
      sql<number | null>`sum(case when read_round >= ${revision} and status = 'failed' then 1 else 0 end)`.as('failed'),
      sql<number | null>`sum(case when read_round >= ${revision} and status = 'ready' then 1 else 0 end)`.as('ready'),
      select.fn.sum<number | null>('chunk_count').as('chunks'),
      select.fn.sum<number | null>('term_count').as('terms'),
    ])
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('source_id', '=', sourceId)
    .executeTakeFirstOrThrow();
  const known = Number(sums.known);
  const done = Number(sums.done ?? 0);
  const ready = Number(sums.ready ?? 0);
  const chunks = Number(sums.chunks ?? 0);
  await db
    .updateTable('sources')
    .set({
      pages_known: known,
      pages_done: done,
      pages_failed: Number(sums.failed ?? 0),
      chunk_count: chunks,
      term_count: Number(sums.terms ?? 0),
      ...(known > 1 ? { progress: Math.min(mostProgress, done / known) } : {}),
      updated_at: at,
    })
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('id', '=', sourceId)
    .execute();
  return { ready, chunks, firstError: ready > 0 ? null : await findFirstError(db, target) };
};

/** Until a round has ended. */
const mostProgress = 0.99;

const findFirstError = async (db: Kysely<Schema>, target: SourceKey): Promise<string | null> => {
  const row = await selectPages(db, target)
    .clearSelect()
    .select('error')
    .where('error', 'is not', null)
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  return row?.error ?? null;
};
