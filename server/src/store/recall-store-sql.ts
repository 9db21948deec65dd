import type { Kysely } from 'kysely';
import { trimSegment } from '../core/recall/pack-messages.ts';
import type { RecallStore, StoredSegment } from '../core/recall/recall-store.ts';
import { selectKeptMessages } from './kept-messages-sql.ts';
import { recallLookupsSql } from './recall-lookups-sql.ts';
import type { Schema } from './schema.ts';

type Place = { workspaceId: string; conversationId: string };

export const recallStoreSql = (db: Kysely<Schema>): RecallStore => ({
  ...recallLookupsSql(db),

  async textsById(workspaceId, messageIds) {
    if (messageIds.length === 0) return new Map();
    const rows = await selectKeptMessages(db, workspaceId, messageIds)
      .select(['messages.id', 'messages.text', 'messages.created_at'])
      .execute();
    return new Map(rows.map(({ id, text, created_at: createdAt }) => [id, { text, createdAt }]));
  },

  async lastSegment(workspaceId, conversationId) {
    const row = await selectSegments(db, { workspaceId, conversationId })
      .orderBy('first_seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row ? toSegment(row) : null;
  },

  async putSegment(workspaceId, conversationId, { firstSeq, lastSeq, packed }) {
    await db
      .insertInto('recall_segments')
      .values({
        workspace_id: workspaceId,
        conversation_id: conversationId,
        first_seq: firstSeq,
        last_seq: lastSeq,
        packed,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['workspace_id', 'conversation_id', 'first_seq'])
          .doUpdateSet((set) => ({ last_seq: set.ref('excluded.last_seq'), packed: set.ref('excluded.packed') })),
      )
      .execute();
  },
});

const selectSegments = (db: Kysely<Schema>, { workspaceId, conversationId }: Place) =>
  db
    .selectFrom('recall_segments')
    .select(['first_seq', 'last_seq', 'packed'])
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId);

const toSegment = (row: { first_seq: number; last_seq: number; packed: Uint8Array }): StoredSegment => ({
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  packed: row.packed,
});

const removeSegments = (db: Kysely<Schema>, { workspaceId, conversationId }: Place) =>
  db
    .deleteFrom('recall_segments')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId);

/** Takes the messages before a place out of the index, as they are taken out of the conversation. */
export const forgetSegments = async (db: Kysely<Schema>, place: Place, firstSeq: number): Promise<void> => {
  await removeSegments(db, place).where('last_seq', '<', firstSeq).execute();
  const cut = await selectSegments(db, place).where('first_seq', '<', firstSeq).execute();
  for (const row of cut) {
    await removeSegments(db, place).where('first_seq', '=', row.first_seq).execute();
    const packed = trimSegment(row.packed, firstSeq);
    if (packed === null) continue;
    await recallStoreSql(db).putSegment(place.workspaceId, place.conversationId, {
      firstSeq,
      lastSeq: row.last_seq,
      packed,
    });
  }
};

/** Removes at most `limit` segments of a conversation; true when none is left. */
export const purgeSegments = async (db: Kysely<Schema>, place: Place, limit: number): Promise<boolean> => {
  const rows = await selectSegments(db, place)
    .clearSelect()
    .select('first_seq')
    .orderBy('first_seq')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  if (last) await removeSegments(db, place).where('first_seq', '<=', last.first_seq).execute();
  return rows.length < limit;
};
