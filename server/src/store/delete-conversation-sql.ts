import type { Kysely } from 'kysely';
import { moveCurrentAway } from './current-conversation-sql.ts';
import { type EndedAt, endedTurnColumns, endTurns } from './end-turns-sql.ts';
import { holdKeys } from './held-keys-sql.ts';
import { purgeSegments } from './recall-store-sql.ts';
import type { Schema } from './schema.ts';
import { forgetSaid } from './user-facts-sql.ts';

type Place = { workspaceId: string; conversationId: string };

/** A turn takes with it its record, its event and, where messages were merged, several Idempotency-Keys. */
const rowsPerTurn = 4;
/** A segment of the index for recall is some kilobytes, where most rows are some hundred bytes. */
const rowsPerSegment = 8;

/** Marks the conversation as gone and ends its turns; gives the ids of those that had not ended. */
export const markConversationDeleted = async (db: Kysely<Schema>, place: Place & EndedAt): Promise<string[]> => {
  const { workspaceId, conversationId, at } = place;
  // the first statement takes the row: a message that is being accepted is seen below, and no other comes
  const row = await db
    .updateTable('conversations')
    .set({ deleted_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .where('deleted_at', 'is', null)
    .returning(['bot_id', 'user_id', 'mode', 'active_turn_id'])
    .executeTakeFirst();
  if (!row) return [];
  await db
    .updateTable('conversations')
    .set({ active_turn_id: null })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .execute();
  // answers kept for repeated requests hold what was said, and would be told again
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', '=', conversationId)
    .execute();
  const endedTurns = row.active_turn_id === null ? [] : await endOpenTurns(db, place, row.active_turn_id);
  // behind the counters: whoever accepts a message holds those first, and then the user's rows
  if (row.user_id !== null) {
    const { bot_id: botId, user_id: userId, mode } = row;
    await forgetSaid(db, { workspaceId, conversationId });
    await moveCurrentAway(db, { workspaceId, botId, userId, mode, id: conversationId });
  }
  return endedTurns;
};

const endOpenTurns = async (db: Kysely<Schema>, place: Place & EndedAt, activeTurnId: string): Promise<string[]> =>
  endTurns(db, place, await selectOpenTurns(db, { ...place, activeTurnId }).execute());

/** The active turn and those that wait behind it; what stands before it has ended. */
export const selectOpenTurns = (
  db: Kysely<Schema>,
  { workspaceId, conversationId, activeTurnId }: Place & { activeTurnId: string },
) =>
  db
    .selectFrom('turns')
    .select(endedTurnColumns)
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .where('status', 'in', ['queued', 'running'])
    .where('seq_base', '>=', (active) =>
      active
        .selectFrom('turns as active')
        .select('active.seq_base')
        .where('active.workspace_id', '=', workspaceId)
        .where('active.id', '=', activeTurnId),
    )
    .orderBy('seq_base');

/**
 * Removes about `limit` rows that belong to a deleted conversation, the row itself last; true when nothing is left.
 * The ledger keeps its charges, which hold nothing of what was said, and Idempotency-Keys stand until they expire.
 */
export const purgeConversation = async (db: Kysely<Schema>, part: Place & { limit: number }): Promise<boolean> =>
  (await purgeConversationPart(db, { ...part, holdsKeys: true })).done;

/** As `purgeConversation`, and says what was removed. `holdsKeys`: false where Idempotency-Keys go, too. */
export const purgeConversationPart = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, limit, holdsKeys }: Place & { limit: number; holdsKeys: boolean },
): Promise<{ done: boolean; messages: number; turns: number }> => {
  const row = await db
    .selectFrom('conversations')
    .select(['deleted_at', 'user_id', 'mode'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .executeTakeFirst();
  if (!row) return { done: true, messages: 0, turns: 0 };
  if (row.deleted_at === null) throw new Error('only a conversation that is marked as deleted is purged');
  // before the messages: an index must not outlive what it was made of
  if (!(await purgeSegments(db, { workspaceId, conversationId }, Math.max(1, Math.floor(limit / rowsPerSegment))))) {
    return { done: false, messages: 0, turns: 0 };
  }
  const messages = await purgeMessages(db, { workspaceId, conversationId, limit });
  if (messages >= limit) return { done: false, messages, turns: 0 };
  const maxTurns = Math.max(1, Math.floor((limit - messages) / rowsPerTurn));
  const turns = await purgeTurns(db, { workspaceId, conversationId, limit: maxTurns }, (ids) =>
    holdsKeys ? holdKeys(db, { workspaceId, ids, mode: row.mode, userId: row.user_id }) : Promise.resolve(),
  );
  if (turns === maxTurns) return { done: false, messages, turns };
  await db
    .deleteFrom('outbox')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', '=', conversationId)
    .execute();
  await db
    .deleteFrom('conversation_memories')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .execute();
  await db
    .deleteFrom('conversations')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .execute();
  return { done: true, messages, turns };
};

/** Removes messages from the oldest on; gives their number. */
const purgeMessages = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, limit }: Place & { limit: number },
): Promise<number> => {
  const last = await db
    .selectFrom('messages')
    .select('seq')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .orderBy('seq')
    .offset(limit - 1)
    .limit(1)
    .executeTakeFirst();
  const { numDeletedRows } = await db
    .deleteFrom('messages')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .$if(last !== undefined, (all) => all.where('seq', '<=', last?.seq ?? 0))
    .executeTakeFirst();
  return Number(numDeletedRows);
};

/** Removes turns from the oldest on, with what hangs on them; gives the number of turns. `before` is given their ids. */
const purgeTurns = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, limit }: Place & { limit: number },
  before: (ids: readonly string[]) => Promise<void>,
): Promise<number> => {
  const turns = await db
    .selectFrom('turns')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .orderBy('seq_base')
    .limit(limit)
    .execute();
  const ids = turns.map((turn) => turn.id);
  await before(ids);
  await removeTurns(db, workspaceId, ids);
  return turns.length;
};

/** Removes turns with what hangs on them. */
export const removeTurns = async (db: Kysely<Schema>, workspaceId: string, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  await db.deleteFrom('turn_records').where('workspace_id', '=', workspaceId).where('turn_id', 'in', ids).execute();
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', 'in', ids)
    .execute();
  await db.deleteFrom('outbox').where('workspace_id', '=', workspaceId).where('subject_id', 'in', ids).execute();
  await db.deleteFrom('turns').where('workspace_id', '=', workspaceId).where('id', 'in', ids).execute();
};
