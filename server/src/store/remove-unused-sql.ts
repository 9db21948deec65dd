import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { SourceKey } from '../core/knowledge/knowledge-store.ts';
import type { Schema } from './schema.ts';

/** Versions looked at in one go: most are small, and many share a transaction. */
const versionsPerBatch = 10;
/** Parts of a file a transaction, each as large as hundreds of other rows. */
const partsPerBatch = 4;

/**
 * Removes at most `limit` chunks and as many postings of versions that are found no more: all of a source that is gone,
 * and then its file and its pages. True when none is left.
 */
export const removeUnusedRows = async (db: Kysely<Schema>, target: SourceKey, limit: number): Promise<boolean> => {
  const source = await db
    .selectFrom('sources')
    .select('id')
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('id', '=', target.sourceId)
    .executeTakeFirst();
  if (!source) return removeAll(db, target, limit);
  const retired = await db
    .selectFrom('retired_versions')
    .select('version')
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .limit(versionsPerBatch)
    .execute();
  if (retired.length === 0) return true;
  const versions = retired.map(({ version }) => version);
  if (!(await removeRows(db, target, { versions, limit }))) return false;
  await db
    .deleteFrom('retired_versions')
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .where('version', 'in', versions)
    .execute();
  return retired.length < versionsPerBatch;
};

/** What else there is of a source, with the column that tells its rows apart. */
const otherTables = [
  ['source_bytes', 'part'],
  ['source_pages', 'number'],
  ['retired_versions', 'version'],
] as const;

/** Of a source that is gone. */
const removeAll = async (db: Kysely<Schema>, target: SourceKey, limit: number): Promise<boolean> => {
  if (!(await removeRows(db, target, { versions: null, limit }))) return false;
  for (const [table, column] of otherTables) {
    const { rows } = await sql<{ key: number }>`select ${sql.ref(column)} as key from ${sql.table(table)}
      where ${ofSource(target)} limit ${table === 'source_bytes' ? partsPerBatch : limit}`.execute(db);
    if (rows.length === 0) continue;
    const keys = sql.join(rows.map(({ key }) => key));
    await sql`delete from ${sql.table(table)} where ${ofSource(target)} and ${sql.ref(column)} in (${keys})`.execute(
      db,
    );
    return false;
  }
  return true;
};

const ofSource = ({ workspaceId, botId, sourceId }: SourceKey): RawBuilder<boolean> =>
  sql`workspace_id = ${workspaceId} and bot_id = ${botId} and source_id = ${sourceId}`;

/** Chunks and postings of some versions, or of all; true when none is left. */
const removeRows = async (
  db: Kysely<Schema>,
  target: SourceKey,
  { versions, limit }: { versions: number[] | null; limit: number },
): Promise<boolean> => {
  let chunkQuery = db
    .selectFrom('chunks')
    .select(['revision', 'position'])
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .limit(limit);
  let postingQuery = db
    .selectFrom('postings')
    .select(['revision', 'term'])
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('source_id', '=', target.sourceId)
    .limit(limit);
  if (versions) {
    chunkQuery = chunkQuery.where('revision', 'in', versions);
    postingQuery = postingQuery.where('revision', 'in', versions);
  }
  const chunks = await chunkQuery.execute();
  const postings = await postingQuery.execute();
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
