import { type Kysely, sql } from 'kysely';
import type { Conversation } from '../core/conversation/conversation.ts';
import type { Schema } from './schema.ts';

/** A user's conversation: where their next message to the bot may go. */
type UsersConversation = Pick<Conversation, 'workspaceId' | 'botId' | 'mode' | 'id'> & { userId: string };

/** Makes it the one that the user's next message goes to. */
export const pointCurrentAt = async (db: Kysely<Schema>, conversation: UsersConversation): Promise<void> => {
  await db
    .insertInto('current_conversations')
    .values({
      workspace_id: conversation.workspaceId,
      bot_id: conversation.botId,
      user_id: conversation.userId,
      mode: conversation.mode,
      conversation_id: conversation.id,
    })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'bot_id', 'user_id', 'mode']).doUpdateSet({ conversation_id: conversation.id }),
    )
    .execute();
};

/** Where it is the user's current conversation, their latest other one that is not closed becomes it, if there is one. */
export const moveCurrentAway = async (db: Kysely<Schema>, conversation: UsersConversation): Promise<void> => {
  const other = await latestOther(db, conversation).executeTakeFirst();
  const { workspaceId, botId, userId, mode, id } = conversation;
  if (other) {
    await db
      .updateTable('current_conversations')
      .set({ conversation_id: other.id })
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('user_id', '=', userId)
      .where('mode', '=', mode)
      .where('conversation_id', '=', id)
      .execute();
    return;
  }
  await db
    .deleteFrom('current_conversations')
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('user_id', '=', userId)
    .where('mode', '=', mode)
    .where('conversation_id', '=', id)
    .execute();
};

const latestOther = (db: Kysely<Schema>, conversation: UsersConversation) =>
  db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', conversation.workspaceId)
    .where('bot_id', '=', conversation.botId)
    .where('user_id', '=', conversation.userId)
    .where('mode', '=', conversation.mode)
    // literally as in the index, which a parameter would not match
    .where(sql<boolean>`status <> 'closed'`)
    .where('deleted_at', 'is', null)
    .where('id', '<>', conversation.id)
    .orderBy('id', 'desc')
    .limit(1);
