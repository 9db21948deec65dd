import { type Kysely, sql } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import type { Conversation } from '../core/conversation/conversation.ts';
import { findPersonIds } from './person-sql.ts';
import type { Schema } from './schema.ts';

/** A user's conversation: where the next message of their person to the bot may go. */
type UsersConversation = Pick<Conversation, 'workspaceId' | 'botId' | 'mode' | 'id'> & { userId: string };

/** Several users and a bot. */
export type UsersAndBot = { workspaceId: string; botId: string; mode: Mode; userIds: readonly string[] };

/** Makes it the one that the next message of the user's person goes to, under whichever of their ids. */
export const pointCurrentAt = async (db: Kysely<Schema>, conversation: UsersConversation): Promise<void> => {
  const userIds = await findPersonIds(db, conversation);
  await setCurrent(db, { ...conversation, userIds }, conversation.id);
};

/** Makes the conversation the current one of all these users. */
export const setCurrent = async (db: Kysely<Schema>, of: UsersAndBot, conversationId: string): Promise<void> => {
  await db
    .insertInto('current_conversations')
    .values(
      of.userIds.map((userId) => ({
        workspace_id: of.workspaceId,
        bot_id: of.botId,
        user_id: userId,
        mode: of.mode,
        conversation_id: conversationId,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'bot_id', 'user_id', 'mode']).doUpdateSet({ conversation_id: conversationId }),
    )
    .execute();
};

/**
 * Where it is the current conversation of the user's person, their latest other one that is not closed becomes it, if there
 * is one.
 */
export const moveCurrentAway = async (db: Kysely<Schema>, conversation: UsersConversation): Promise<void> => {
  const { workspaceId, botId, mode, id } = conversation;
  const userIds = await findPersonIds(db, conversation);
  const other = await findLatestOpen(db, { workspaceId, botId, mode, userIds }, id);
  if (other !== null) {
    await db
      .updateTable('current_conversations')
      .set({ conversation_id: other })
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('user_id', 'in', userIds)
      .where('mode', '=', mode)
      .where('conversation_id', '=', id)
      .execute();
    return;
  }
  await db
    .deleteFrom('current_conversations')
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('conversation_id', '=', id)
    .execute();
};

/** The latest conversation of these users that is not closed, but for one; null where there is none. */
export const findLatestOpen = async (
  db: Kysely<Schema>,
  { userIds, ...of }: UsersAndBot,
  exceptId: string | null = null,
): Promise<string | null> => {
  let latest: string | null = null;
  // one by one, each along the index
  for (const userId of userIds) {
    const row = await latestOpen(db, { ...of, userId, exceptId }).executeTakeFirst();
    if (row && (latest === null || row.id > latest)) latest = row.id;
  }
  return latest;
};

const latestOpen = (
  db: Kysely<Schema>,
  of: { workspaceId: string; botId: string; mode: Mode; userId: string; exceptId: string | null },
) =>
  db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', of.workspaceId)
    .where('bot_id', '=', of.botId)
    .where('user_id', '=', of.userId)
    .where('mode', '=', of.mode)
    // literally as in the index, which a parameter would not match
    .where(sql<boolean>`status <> 'closed'`)
    .where('deleted_at', 'is', null)
    .$if(of.exceptId !== null, (all) => all.where('id', '<>', of.exceptId))
    .orderBy('id', 'desc')
    .limit(1);
