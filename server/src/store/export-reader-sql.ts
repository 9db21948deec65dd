import type { Kysely } from 'kysely';
import type { ExportReader } from '../core/user/export-reader.ts';
import { toConversation } from './conversation-rows.ts';
import type { Schema } from './schema.ts';
import { toMessage, toTurn } from './turn-rows.ts';

/** Reads along keys, a page at a time, so that nobody waits for an export. */
export const exportReaderSql = (db: Kysely<Schema>): ExportReader => ({
  async conversations({ workspaceId, mode, userIds }, afterId, limit) {
    const rows = await db
      .selectFrom('conversations')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('user_id', 'in', userIds)
      .where('mode', '=', mode)
      .where('deleted_at', 'is', null)
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(toConversation);
  },

  async messages({ workspaceId, id }, afterSeq, limit) {
    const rows = await db
      .selectFrom('messages')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', id)
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows.map(toMessage);
  },

  async turns({ workspaceId, id }, afterSeqBase, limit) {
    const rows = await db
      .selectFrom('turns')
      .leftJoin('turn_records', (join) =>
        join
          .onRef('turn_records.workspace_id', '=', 'turns.workspace_id')
          .onRef('turn_records.turn_id', '=', 'turns.id'),
      )
      .selectAll('turns')
      .select('turn_records.receipt')
      .where('turns.workspace_id', '=', workspaceId)
      .where('turns.conversation_id', '=', id)
      .where('turns.seq_base', '>', afterSeqBase)
      .orderBy('turns.seq_base')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      turn: toTurn(row),
      feedback: row.rating === null ? null : { rating: row.rating, comment: row.rating_comment },
      receipt: row.receipt,
    }));
  },

  async messageIds({ workspaceId, id }, places) {
    if (places.length === 0) return new Map();
    const rows = await db
      .selectFrom('messages')
      .select(['seq', 'id'])
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', id)
      .where('seq', 'in', places)
      .execute();
    return new Map(rows.map((row) => [row.seq, row.id]));
  },
});
