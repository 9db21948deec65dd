import type { Kysely } from 'kysely';
import { dayAt } from '../core/usage/period.ts';
import { newId } from '../kit/id.ts';
import { moveCurrentAway } from './current-conversation-sql.ts';
import type { Schema } from './schema.ts';
import type { TurnsTable } from './tables/turns.ts';

type Place = { workspaceId: string; conversationId: string };

/** A turn takes with it its record, its event and, where messages were merged, several Idempotency-Keys. */
const rowsPerTurn = 4;

/** Marks the conversation as gone and ends its turns; gives the ids of those that had not ended. */
export const markConversationDeleted = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, at }: Place & { at: number },
): Promise<string[]> => {
  const row = await db
    .selectFrom('conversations')
    .select(['bot_id', 'user_id', 'mode', 'active_turn_id'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!row) return [];
  await db
    .updateTable('conversations')
    .set({ deleted_at: at, active_turn_id: null })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .execute();
  // answers kept for repeated requests hold what was said, and would be told again
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', '=', conversationId)
    .execute();
  if (row.user_id !== null) {
    const { bot_id: botId, user_id: userId, mode } = row;
    await moveCurrentAway(db, { workspaceId, botId, userId, mode, id: conversationId });
  }
  if (row.active_turn_id === null) return [];
  const open = await selectOpenTurns(db, { workspaceId, conversationId, activeTurnId: row.active_turn_id }).execute();
  for (const turn of open) {
    await db
      .updateTable('turns')
      .set((set) => ({
        status: 'cancelled',
        finish_reason: 'cancelled',
        // whoever still runs it can write nothing from here on
        fence: set('fence', '+', 1),
        owner: null,
        lease_until: null,
        stop_request: null,
        partial_text: null,
        completed_at: at,
      }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', turn.id)
      .execute();
    await settleEnded(db, workspaceId, { ...turn, at });
  }
  return open.map((turn) => turn.id);
};

/** The active turn and those that wait behind it; what stands before it has ended. */
const selectOpenTurns = (
  db: Kysely<Schema>,
  { workspaceId, conversationId, activeTurnId }: Place & { activeTurnId: string },
) =>
  db
    .selectFrom('turns')
    .select(['id', 'bot_id', 'channel', 'mode', 'created_at', 'quota_owners', 'period_start', 'partial_text'])
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

type EndedTurn = Pick<
  TurnsTable,
  'id' | 'bot_id' | 'channel' | 'mode' | 'created_at' | 'quota_owners' | 'period_start' | 'partial_text'
>;

/** As a cancel: text that was stored is charged, and a turn without any is not. */
const settleEnded = async (
  db: Kysely<Schema>,
  workspaceId: string,
  turn: EndedTurn & { at: number },
): Promise<void> => {
  const owners = turn.quota_owners === null ? [] : (JSON.parse(turn.quota_owners) as string[]);
  const messages = turn.partial_text ? 1 : 0;
  for (const owner of owners) {
    await db
      .updateTable('quota_periods')
      .set((set) => ({ reserved: set('reserved', '-', 1), used: set('used', '+', messages) }))
      .where('workspace_id', '=', workspaceId)
      .where('owner_id', '=', owner)
      .where('period_start', '=', turn.period_start)
      .execute();
    if (messages > 0) await insertCharge(db, workspaceId, { ...turn, owner });
  }
  if (messages === 0 || owners.length === 0) return;
  const { bot_id, channel, mode } = turn;
  const figures = { turns: 1, messages, input_tokens: 0, output_tokens: 0 };
  await db
    .insertInto('usage_daily')
    .values({ workspace_id: workspaceId, day: dayAt(turn.created_at), bot_id, channel, mode, ...figures })
    .onConflict((conflict) =>
      conflict.columns(['workspace_id', 'mode', 'day', 'bot_id', 'channel']).doUpdateSet((set) => ({
        turns: set('usage_daily.turns', '+', 1),
        messages: set('usage_daily.messages', '+', messages),
      })),
    )
    .execute();
};

const insertCharge = async (
  db: Kysely<Schema>,
  workspaceId: string,
  turn: EndedTurn & { at: number; owner: string },
): Promise<void> => {
  await db
    .insertInto('quota_ledger')
    .values({
      workspace_id: workspaceId,
      owner_id: turn.owner,
      id: newId('led'),
      period_start: turn.period_start,
      turn_id: turn.id,
      bot_id: turn.bot_id,
      channel: turn.channel,
      messages: 1,
      created_at: turn.at,
    })
    .execute();
};

/**
 * Removes about `limit` rows that belong to a deleted conversation, the row itself last; true when nothing is left.
 * The ledger keeps its charges, which hold nothing of what was said.
 */
export const purgeConversation = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, limit }: Place & { limit: number },
): Promise<boolean> => {
  const row = await db
    .selectFrom('conversations')
    .select('deleted_at')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .executeTakeFirst();
  if (!row) return true;
  if (row.deleted_at === null) throw new Error('only a conversation that is marked as deleted is purged');
  const removed = await purgeMessages(db, { workspaceId, conversationId, limit });
  if (removed >= limit) return false;
  const maxTurns = Math.max(1, Math.floor((limit - removed) / rowsPerTurn));
  if ((await purgeTurns(db, { workspaceId, conversationId, limit: maxTurns })) === maxTurns) return false;
  await db
    .deleteFrom('outbox')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', '=', conversationId)
    .execute();
  await db
    .deleteFrom('conversations')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .execute();
  return true;
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

/** Removes turns from the oldest on, with what hangs on them; gives the number of turns. */
const purgeTurns = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, limit }: Place & { limit: number },
): Promise<number> => {
  const turns = await db
    .selectFrom('turns')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .orderBy('seq_base')
    .limit(limit)
    .execute();
  if (turns.length === 0) return 0;
  const ids = turns.map((turn) => turn.id);
  await db.deleteFrom('turn_records').where('workspace_id', '=', workspaceId).where('turn_id', 'in', ids).execute();
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', 'in', ids)
    .execute();
  await db.deleteFrom('outbox').where('workspace_id', '=', workspaceId).where('subject_id', 'in', ids).execute();
  await db.deleteFrom('turns').where('workspace_id', '=', workspaceId).where('id', 'in', ids).execute();
  return ids.length;
};
