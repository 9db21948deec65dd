import type { Kysely } from 'kysely';
import type { IndexRow, SourceRevision } from '../core/knowledge/knowledge-store.ts';
import type { Chunk } from '../core/knowledge/source.ts';
import type { Schema } from './schema.ts';

/** Rows a statement: one prepared text serves most of a source, and its values stay far below what databases take. */
const rowsPerInsert = 100;

/** Adds a slice of a revision; what is there already was written by an earlier attempt and is the same. */
export const writeRevisionSlice = async (
  db: Kysely<Schema>,
  target: SourceRevision,
  slice: { chunks: readonly Chunk[]; index: readonly IndexRow[] },
): Promise<void> => {
  const key = {
    workspace_id: target.workspaceId,
    bot_id: target.botId,
    source_id: target.sourceId,
    revision: target.revision,
  };
  for (const rows of inGroups(slice.chunks, rowsPerInsert)) {
    await db
      .insertInto('chunks')
      .values(
        rows.map((chunk) => ({
          ...key,
          position: chunk.position,
          id: chunk.id,
          headings: JSON.stringify(chunk.headings),
          text: chunk.text,
          tokens: chunk.tokens,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  for (const rows of inGroups(slice.index, rowsPerInsert)) {
    await db
      .insertInto('postings')
      .values(rows.map(({ term, entries }) => ({ ...key, term, entries })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
};

/**
 * Removes at most `limit` chunks and as many postings that belong to no revision that is found or wanted: all of a source
 * that is gone. True when none is left.
 */
export const removeUnusedRows = async (
  db: Kysely<Schema>,
  target: Omit<SourceRevision, 'revision'>,
  limit: number,
): Promise<boolean> => {
  const source = await db
    .selectFrom('sources')
    .select(['revision', 'ready_revision'])
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('id', '=', target.sourceId)
    .executeTakeFirst();
  const kept = source ? [source.revision, source.ready_revision ?? source.revision] : [-1];
  const chunks = await db
    .selectFrom('chunks')
    .select(['revision', 'position'])
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .where('revision', 'not in', kept)
    .limit(limit)
    .execute();
  const postings = await db
    .selectFrom('postings')
    .select(['revision', 'term'])
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .where('revision', 'not in', kept)
    .limit(limit)
    .execute();
  for (const [revision, rows] of Map.groupBy(chunks, (row) => row.revision)) {
    await db
      .deleteFrom('chunks')
      .where('workspace_id', '=', target.workspaceId)
      .where('bot_id', '=', target.botId)
      .where('source_id', '=', target.sourceId)
      .where('revision', '=', revision)
      .where(
        'position',
        'in',
        rows.map((row) => row.position),
      )
      .execute();
  }
  for (const [revision, rows] of Map.groupBy(postings, (row) => row.revision)) {
    await db
      .deleteFrom('postings')
      .where('workspace_id', '=', target.workspaceId)
      .where('bot_id', '=', target.botId)
      .where(
        'term',
        'in',
        rows.map((row) => row.term),
      )
      .where('source_id', '=', target.sourceId)
      .where('revision', '=', revision)
      .execute();
  }
  return chunks.length < limit && postings.length < limit;
};

const inGroups = function* <Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
};
