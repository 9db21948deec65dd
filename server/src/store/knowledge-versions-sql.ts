import type { Kysely } from 'kysely';
import { contentHash } from '../core/knowledge/content-hash.ts';
import type {
  IndexRow,
  KnowledgeSize,
  PageReading,
  PageVersion,
  SourceKey,
  SourceRevision,
} from '../core/knowledge/knowledge-store.ts';
import type { Chunk } from '../core/knowledge/source.ts';
import type { Schema } from './schema.ts';
import { joinLanguages, splitLanguages } from './source-languages.ts';
import { readingColumns, retireVersions, selectPages, updatePage } from './source-page-rows.ts';

/** Rows a statement: one prepared text serves most of a source, and its values stay far below what databases take. */
const rowsPerInsert = 100;

/** Counts on in the source's row, so that no two versions of its pages share a number. */
export const beginVersion = async (
  db: Kysely<Schema>,
  target: SourceRevision,
  number: number,
): Promise<PageVersion | null> => {
  const { workspaceId, botId, sourceId, revision } = target;
  const source = await db
    .updateTable('sources')
    .set((set) => ({ last_version: set('last_version', '+', 1) }))
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('id', '=', sourceId)
    .where('revision', '=', revision)
    .returning('last_version')
    .executeTakeFirst();
  const page = source && (await findVersions(db, target, number));
  if (!page) return null;
  await retireVersions(db, target, [page.pending_version]);
  const version = source.last_version;
  await updatePage(db, target, number).set({ pending_version: version }).execute();
  return { workspaceId, botId, sourceId, number, version };
};

/** Adds a slice of a version; false where it is no longer the one that is being written. */
export const writeVersionSlice = async (
  db: Kysely<Schema>,
  target: PageVersion,
  slice: { chunks: readonly Chunk[]; index: readonly IndexRow[] },
): Promise<boolean> => {
  const page = await findVersions(db, target, target.number);
  if (page?.pending_version !== target.version) return false;
  const key = {
    workspace_id: target.workspaceId,
    bot_id: target.botId,
    source_id: target.sourceId,
    revision: target.version,
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
          content_hash: contentHash(chunk),
          page: chunk.page,
          anchor: chunk.anchor,
        })),
      )
      .execute();
  }
  for (const rows of inGroups(slice.index, rowsPerInsert)) {
    await db
      .insertInto('postings')
      .values(rows.map(({ term, entries }) => ({ ...key, term, entries })))
      .execute();
  }
  return true;
};

export const publishVersion = async (
  db: Kysely<Schema>,
  target: PageVersion,
  { size, reading, round }: { size: KnowledgeSize; reading: PageReading; round: number },
): Promise<boolean> => {
  const page = await findVersions(db, target, target.number);
  if (page?.pending_version !== target.version) return false;
  await retireVersions(db, target, [page.version]);
  await updatePage(db, target, target.number)
    .set({
      status: 'ready',
      error: null,
      failures: 0,
      due_at: 0,
      read_round: round,
      version: target.version,
      pending_version: null,
      chunk_count: size.chunks,
      term_count: size.terms,
      ...readingColumns(reading),
    })
    .execute();
  await addLanguages(db, target, size.languages);
  return true;
};

/** A language stays with its source when its last page goes: a question then brings a few stems too many. */
const addLanguages = async (db: Kysely<Schema>, target: SourceKey, languages: readonly string[]): Promise<void> => {
  const row = await db
    .selectFrom('sources')
    .select('languages')
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('id', '=', target.sourceId)
    .executeTakeFirst();
  if (!row) return;
  const known = splitLanguages(row.languages);
  if (languages.every((language) => known.includes(language))) return;
  await db
    .updateTable('sources')
    .set({ languages: joinLanguages([...known, ...languages]) })
    .where('workspace_id', '=', target.workspaceId)
    .where('bot_id', '=', target.botId)
    .where('id', '=', target.sourceId)
    .execute();
};

const findVersions = (db: Kysely<Schema>, target: SourceKey, number: number) =>
  selectPages(db, target)
    .clearSelect()
    .select(['version', 'pending_version'])
    .where('number', '=', number)
    .executeTakeFirst();

const inGroups = function* <Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
};
