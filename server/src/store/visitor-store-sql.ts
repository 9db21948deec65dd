import type { Kysely } from 'kysely';
import type { VisitorPlace, VisitorStore } from '../core/access/visitor-store.ts';
import { moveCurrentAway, pointCurrentAt } from './current-conversation-sql.ts';
import { findPersonIds } from './person-sql.ts';
import type { Schema } from './schema.ts';
import { moveSaid } from './user-facts-sql.ts';

const mode = 'live';

export const visitorStoreSql = (db: Kysely<Schema>): VisitorStore => {
  const findCurrent = async ({ workspaceId, botId, visitorId }: VisitorPlace): Promise<string | null> => {
    const row = await db
      .selectFrom('current_conversations')
      .select('conversation_id')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('user_id', '=', visitorId)
      .where('mode', '=', mode)
      .executeTakeFirst();
    return row?.conversation_id ?? null;
  };

  return {
    hasCurrentConversation: async (place) => (await findCurrent(place)) !== null,

    listPersonIds: (workspaceId, userId) => findPersonIds(db, { workspaceId, mode, userId }),

    async handOver(place, { userId, at }) {
      const { workspaceId, botId, visitorId } = place;
      const id = await findCurrent(place);
      if (id === null) return null;
      // the owner in the condition: of two that come at once, one changes no row
      const { numUpdatedRows } = await db
        .updateTable('conversations')
        .set({ user_id: userId, updated_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', id)
        .where('user_id', '=', visitorId)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      if (Number(numUpdatedRows) === 0) return null;
      await db
        .updateTable('turns')
        .set({ user_id: userId })
        .where('workspace_id', '=', workspaceId)
        .where('conversation_id', '=', id)
        .execute();
      await insertUser(db, { workspaceId, userId, at });
      await moveSaid(db, { workspaceId, mode, conversationId: id, from: visitorId, to: userId });
      await moveCurrentAway(db, { workspaceId, botId, mode, id, userId: visitorId });
      await pointCurrentAt(db, { workspaceId, botId, mode, id, userId });
      return id;
    },
  };
};

const insertUser = async (
  db: Kysely<Schema>,
  { workspaceId, userId, at }: { workspaceId: string; userId: string; at: number },
): Promise<void> => {
  await db
    .insertInto('users')
    .values({ workspace_id: workspaceId, mode, user_id: userId, person_id: userId, traits: '{}', created_at: at })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'mode', 'user_id']).doNothing())
    .execute();
};
