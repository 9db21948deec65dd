import type { Kysely } from 'kysely';
import type { StoredVector, VectorKey, VectorScope } from '../core/knowledge/vector-store.ts';
import type { Schema } from './schema.ts';

type Bot = Pick<VectorScope, 'workspaceId' | 'botId'>;

/** Where vectors are written, too, in the same transaction. */
export type AlsoWriteVectors = (
  db: Kysely<Schema>,
  scope: VectorScope,
  vectors: readonly StoredVector[],
) => Promise<void>;

const vectorTables = ['vectors', 'vector_codes'] as const;

/** Of these texts, those that a passage of the bot has. */
const heldBy = async (db: Kysely<Schema>, bot: Bot, hashes: readonly string[]): Promise<Set<string>> => {
  if (hashes.length === 0) return new Set();
  const rows = await db
    .selectFrom('chunks')
    .select('content_hash')
    .distinct()
    .where('workspace_id', '=', bot.workspaceId)
    .where('bot_id', '=', bot.botId)
    .where('content_hash', 'in', hashes)
    .execute();
  return new Set(rows.map((row) => row.content_hash ?? ''));
};

/** In one transaction with the look at the passages, so that no vector is left of a text that was deleted meanwhile. */
export const writeVectorRows = async (
  db: Kysely<Schema>,
  { scope, vectors }: { scope: VectorScope; vectors: readonly StoredVector[] },
  alsoWrite: AlsoWriteVectors | null,
): Promise<void> => {
  const held = await heldBy(
    db,
    scope,
    vectors.map((vector) => vector.contentHash),
  );
  const kept = vectors.filter((vector) => held.has(vector.contentHash));
  if (kept.length === 0) return;
  const keyOf = (vector: StoredVector) => ({
    workspace_id: scope.workspaceId,
    bot_id: scope.botId,
    model: scope.model,
    content_hash: vector.contentHash,
  });
  await db
    .insertInto('vectors')
    .values(kept.map((vector) => ({ ...keyOf(vector), vector: vector.vector })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .insertInto('vector_codes')
    .values(kept.map((vector) => ({ ...keyOf(vector), code: vector.code })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await alsoWrite?.(db, scope, kept);
};

export const pruneVectorRows = async (
  db: Kysely<Schema>,
  bot: Bot,
  { keep, after, limit }: { keep: string | null; after: VectorKey | null; limit: number },
): Promise<{ after: VectorKey | null; removed: number }> => {
  if (after === null && keep !== null) {
    await db
      .deleteFrom('source_embeddings')
      .where('workspace_id', '=', bot.workspaceId)
      .where('bot_id', '=', bot.botId)
      .where('model', '!=', keep)
      .execute();
  }
  const rows = await db
    .selectFrom('vector_codes')
    .select(['model', 'content_hash'])
    .where('workspace_id', '=', bot.workspaceId)
    .where('bot_id', '=', bot.botId)
    .$if(after !== null, (query) =>
      query.where((where) =>
        where(where.refTuple('model', 'content_hash'), '>', where.tuple(after?.model ?? '', after?.contentHash ?? '')),
      ),
    )
    .orderBy('model')
    .orderBy('content_hash')
    .limit(limit)
    .execute();
  const held = await heldBy(
    db,
    bot,
    rows.map((row) => row.content_hash),
  );
  const gone = rows.filter((row) => !held.has(row.content_hash) || (keep !== null && row.model !== keep));
  for (const [model, group] of Map.groupBy(gone, (row) => row.model)) {
    await removeRows(
      db,
      { ...bot, model },
      group.map((row) => row.content_hash),
    );
  }
  const last = rows.at(-1);
  const ended = last === undefined || rows.length < limit;
  return { after: ended ? null : { model: last.model, contentHash: last.content_hash }, removed: gone.length };
};

const removeRows = async (db: Kysely<Schema>, scope: VectorScope, hashes: readonly string[]): Promise<void> => {
  for (const table of vectorTables) {
    await db
      .deleteFrom(table)
      .where('workspace_id', '=', scope.workspaceId)
      .where('bot_id', '=', scope.botId)
      .where('model', '=', scope.model)
      .where('content_hash', 'in', hashes)
      .execute();
  }
};

/** Removes at most `limit` vectors, of a bot or of anybody; true where none is left. */
export const removeAnyVectors = async (db: Kysely<Schema>, limit: number, bot?: Bot): Promise<boolean> => {
  const rows = await db
    .selectFrom('vector_codes')
    .select(['workspace_id', 'bot_id', 'model', 'content_hash'])
    .$if(bot !== undefined, (query) =>
      query.where('workspace_id', '=', bot?.workspaceId ?? '').where('bot_id', '=', bot?.botId ?? ''),
    )
    .limit(limit)
    .execute();
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.workspace_id, row.bot_id, row.model]));
  for (const group of groups.values()) {
    const { workspace_id: workspaceId, bot_id: botId, model } = group[0]!;
    await removeRows(
      db,
      { workspaceId, botId, model },
      group.map((row) => row.content_hash),
    );
  }
  return rows.length < limit;
};

/** Removes what is known of the embedding of sources: of one, or of all of a bot. */
export const removeEmbeddingStates = async (db: Kysely<Schema>, bot: Bot, sourceId?: string): Promise<void> => {
  await db
    .deleteFrom('source_embeddings')
    .where('workspace_id', '=', bot.workspaceId)
    .where('bot_id', '=', bot.botId)
    .$if(sourceId !== undefined, (query) => query.where('source_id', '=', sourceId ?? ''))
    .execute();
};

/** Removes at most `limit` notes of anybody; true where none is left. */
export const removeAnyStates = async (db: Kysely<Schema>, limit: number): Promise<boolean> => {
  const rows = await db
    .selectFrom('source_embeddings')
    .select(['workspace_id', 'bot_id', 'source_id'])
    .limit(limit)
    .execute();
  for (const row of rows) {
    await removeEmbeddingStates(db, { workspaceId: row.workspace_id, botId: row.bot_id }, row.source_id);
  }
  return rows.length < limit;
};
