import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** Messages by their ids, with their conversations; without those whose conversation is deleted. `ids`: at least one. */
export const selectKeptMessages = (db: Kysely<Schema>, workspaceId: string, ids: readonly string[]) =>
  db
    .selectFrom('messages')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.workspace_id', '=', 'messages.workspace_id')
        .onRef('conversations.id', '=', 'messages.conversation_id'),
    )
    .where('messages.workspace_id', '=', workspaceId)
    .where('messages.id', 'in', ids)
    .where('conversations.deleted_at', 'is', null);
