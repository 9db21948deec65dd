import type { Kysely } from 'kysely';
import type { PageReading, SourceKey } from '../core/knowledge/knowledge-store.ts';
import type { SourcePage } from '../core/knowledge/source-page.ts';
import type { Schema } from './schema.ts';
import type { SourcePagesTable } from './tables/source-pages.ts';

export const selectPages = (db: Kysely<Schema>, { workspaceId, botId, sourceId }: SourceKey) =>
  db
    .selectFrom('source_pages')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('source_id', '=', sourceId);

export const updatePage = (db: Kysely<Schema>, { workspaceId, botId, sourceId }: SourceKey, number: number) =>
  db
    .updateTable('source_pages')
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('source_id', '=', sourceId)
    .where('number', '=', number);

/** Leaves versions to `removeUnusedRows`; null stands for none. */
export const retireVersions = async (
  db: Kysely<Schema>,
  target: SourceKey,
  versions: readonly (number | null)[],
): Promise<void> => {
  const retired = versions.filter((version) => version !== null);
  if (retired.length === 0) return;
  const key = { workspace_id: target.workspaceId, bot_id: target.botId, source_id: target.sourceId };
  await db
    .insertInto('retired_versions')
    .values(retired.map((version) => ({ ...key, version })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

export const toPage = (row: SourcePagesTable): SourcePage => ({
  id: row.id,
  sourceId: row.source_id,
  number: row.number,
  url: row.url,
  depth: row.depth,
  title: row.title,
  status: row.status,
  error: row.error,
  failures: row.failures,
  dueAt: row.due_at,
  readRound: row.read_round,
  etag: row.etag,
  lastModified: row.last_modified,
  contentHash: row.content_hash,
  version: row.version,
  chunkCount: row.chunk_count,
  fetchedAt: row.fetched_at,
  warnings: row.warnings === null ? [] : (JSON.parse(row.warnings) as string[]),
  createdAt: row.created_at,
});

/** The columns of what was read from a page, beside its text. */
export const readingColumns = ({ title, etag, lastModified, contentHash, fetchedAt, warnings }: PageReading) => ({
  title,
  etag,
  last_modified: lastModified,
  content_hash: contentHash,
  fetched_at: fetchedAt,
  warnings: warnings.length === 0 ? null : JSON.stringify(warnings),
});
