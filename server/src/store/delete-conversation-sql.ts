import type { Kysely } from 'kysely';
import type { QuotaOwner } from '../core/turn/turn.ts';
import { dayAt, periodAt } from '../core/usage/period.ts';
import { isErasedWithUser } from '../core/usage/quota-owner.ts';
import { type Reached, thresholdEvent } from '../core/usage/threshold-event.ts';
import { newId } from '../kit/id.ts';
import { moveCurrentAway } from './current-conversation-sql.ts';
import { holdKeys } from './held-keys-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import { outboxSql } from './outbox-sql.ts';
import { readOwners } from './quota-owners-text.ts';
import { purgeSegments } from './recall-store-sql.ts';
import type { Schema } from './schema.ts';
import type { TurnsTable } from './tables/turns.ts';
import { forgetSaid } from './user-facts-sql.ts';

type Place = { workspaceId: string; conversationId: string };

/** A turn takes with it its record, its event and, where messages were merged, several Idempotency-Keys. */
const rowsPerTurn = 4;
/** A segment of the index for recall is some kilobytes, where most rows are some hundred bytes. */
const rowsPerSegment = 8;

/** When turns are ended, and the clock of what is told of it. */
export type EndedAt = { at: number; leases: LeaseClock };

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

/** Ends turns as by a cancel; gives the ids of those that had not ended by themselves meanwhile. */
export const endTurns = async (
  db: Kysely<Schema>,
  { workspaceId, at, leases }: { workspaceId: string } & EndedAt,
  open: readonly EndedTurn[],
): Promise<string[]> => {
  const ended: EndedTurn[] = [];
  // every turn before any counter: the order in which whoever ends one of them by itself goes about it
  for (const turn of open) {
    const { numUpdatedRows } = await db
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
        charged: chargeOf(turn),
      }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', turn.id)
      .where('status', 'in', ['queued', 'running'])
      .executeTakeFirst();
    if (numUpdatedRows > 0n) ended.push(turn);
  }
  // counters of an earlier period before those of a later, as everybody takes them
  for (const turn of ended.toSorted((one, other) => one.period_start - other.period_start)) {
    await settleEnded(db, workspaceId, { ...turn, at, leases });
  }
  return ended.map((turn) => turn.id);
};

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

/** What ending a turn needs of it. */
export const endedTurnColumns = [
  'id',
  'bot_id',
  'channel',
  'mode',
  'created_at',
  'quota_owners',
  'period_start',
  'partial_text',
] as const;

export type EndedTurn = Pick<TurnsTable, (typeof endedTurnColumns)[number]>;

/** Messages that an ended turn is charged, as its row and the ledger say: none where nobody holds a reservation for it. */
const chargeOf = (turn: EndedTurn): number => (turn.partial_text && turn.quota_owners !== null ? 1 : 0);

/** As a cancel: text that was stored is charged, and a turn without any is not. */
const settleEnded = async (db: Kysely<Schema>, workspaceId: string, turn: EndedTurn & EndedAt): Promise<void> => {
  const owners = readOwners(turn.quota_owners, workspaceId);
  const messages = turn.partial_text ? 1 : 0;
  for (const owner of owners) {
    const counter = await settleShare(db, owner, { periodStart: turn.period_start, messages });
    if (!counter || messages === 0) continue;
    await insertCharge(db, owner, turn);
    const reached = reachedBy(counter);
    if (!reached) continue;
    const { workspaceId: tellTo, ownerId: subjectId } = owner;
    const event = thresholdEvent(reached, { periodStart: turn.period_start, at: turn.at });
    await outboxSql(db, turn.leases).append({ workspaceId: tellTo, type: 'usage.threshold', subjectId, ...event });
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

type Counter = { used: number; hard_limit: number | null; warn_at: number | null };

/** What the one message that was charged has reached; where warning and limit are the same it is the limit. */
const reachedBy = ({ used, hard_limit, warn_at }: Counter): Reached | null => {
  if (used === hard_limit) return 'limit';
  return used === warn_at ? 'warn_at' : null;
};

/** Null where nothing was reserved and nothing is charged; see `isErasedWithUser`. */
const settleShare = async (
  db: Kysely<Schema>,
  owner: QuotaOwner,
  { periodStart, messages }: { periodStart: number; messages: number },
): Promise<Counter | null> => {
  const place = { workspace_id: owner.workspaceId, owner_id: owner.ownerId, period_start: periodStart };
  const settled = await db
    .updateTable('quota_periods')
    .set((set) => ({ reserved: set('reserved', '-', 1), used: set('used', '+', messages) }))
    .where('workspace_id', '=', owner.workspaceId)
    .where('owner_id', '=', owner.ownerId)
    .where('period_start', '=', periodStart)
    .where('reserved', '>', 0)
    .returning(['used', 'hard_limit', 'warn_at'])
    .executeTakeFirst();
  if (settled) return settled;
  if (isErasedWithUser(owner.ownerId) || messages === 0) return null;
  return db
    .insertInto('quota_periods')
    .values({ ...place, period_end: periodAt(periodStart).end, reserved: 0, used: messages })
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'owner_id', 'period_start'])
        .doUpdateSet((set) => ({ used: set('quota_periods.used', '+', messages) })),
    )
    .returning(['used', 'hard_limit', 'warn_at'])
    .executeTakeFirstOrThrow();
};

const insertCharge = async (db: Kysely<Schema>, owner: QuotaOwner, turn: EndedTurn & { at: number }): Promise<void> => {
  await db
    .insertInto('quota_ledger')
    .values({
      workspace_id: owner.workspaceId,
      owner_id: owner.ownerId,
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
