import type { Selectable } from 'kysely';
import type { Channel, Conversation } from '../core/conversation/conversation.ts';
import type { ConversationsTable } from './tables/conversations.ts';

export const toConversation = (row: Selectable<ConversationsTable>): Conversation => ({
  id: row.id,
  workspaceId: row.workspace_id,
  botId: row.bot_id,
  userId: row.user_id,
  channel: row.channel as Channel,
  status: row.status,
  mode: row.mode,
  assignee: row.assignee,
  metadata: JSON.parse(row.metadata) as Record<string, string>,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
