import type { Kysely } from 'kysely';
import type { FeedbackStore } from '../core/turn/feedback-store.ts';
import type { Schema } from './schema.ts';

export const feedbackStoreSql = (db: Kysely<Schema>): FeedbackStore => ({
  async findTurn(workspaceId, turnId) {
    const row = await db
      .selectFrom('turns')
      .innerJoin('conversations', (join) =>
        join
          .onRef('conversations.workspace_id', '=', 'turns.workspace_id')
          .onRef('conversations.id', '=', 'turns.conversation_id'),
      )
      .select(['turns.id', 'conversation_id', 'turns.bot_id', 'turns.mode', 'turns.user_id', 'turns.status'])
      .where('turns.workspace_id', '=', workspaceId)
      .where('turns.id', '=', turnId)
      .where('conversations.deleted_at', 'is', null)
      .executeTakeFirst();
    if (!row) return null;
    const { id, conversation_id: conversationId, bot_id: botId, mode, user_id: userId, status } = row;
    return { workspaceId, id, conversationId, botId, mode, userId, status };
  },

  async find(workspaceId, turnId) {
    const row = await db
      .selectFrom('turns')
      .select(['rating', 'rating_comment'])
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', turnId)
      .executeTakeFirst();
    return row?.rating ? { rating: row.rating, comment: row.rating_comment } : null;
  },

  async set(workspaceId, turnId, { rating, comment }) {
    await db
      .updateTable('turns')
      .set({ rating, rating_comment: comment })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', turnId)
      .execute();
  },
});
