import type { Kysely } from 'kysely';
import { turnSeats } from '../core/conversation/conversation.ts';
import { idempotencyKeptMs } from '../core/idempotency/idempotency-store.ts';
import type { RetentionBounds } from '../core/retention/retention.ts';
import { dropSummary } from './memory-store-sql.ts';
import { forgetSegments } from './recall-store-sql.ts';
import { removeTurns } from './delete-conversation-sql.ts';
import type { Schema } from './schema.ts';
import { forgetSaid } from './user-facts-sql.ts';

type Place = { workspaceId: string; conversationId: string };

/** See `RetentionStore.prune`. */
export const pruneConversation = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, limit, now, ...bounds }: Place & RetentionBounds & { limit: number; now: number },
): Promise<{ done: boolean; removed: number }> => {
  const place = { workspaceId, conversationId };
  const end = await findEnd(db, place, bounds);
  const { seq, isLast } = await findBatchEnd(db, place, { end, limit });
  const { numDeletedRows } = await db
    .deleteFrom('messages')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .where('seq', '<', seq)
    .executeTakeFirst();
  if (numDeletedRows > 0n) {
    await dropSummary(db, { ...place, at: now });
    await forgetSaid(db, { ...place, before: seq });
    await forgetSegments(db, place, seq);
  }
  const turns = await selectEmptied(db, place, { before: seq, now, limit }).execute();
  await removeTurns(
    db,
    workspaceId,
    turns.map((turn) => turn.id),
  );
  return { done: isLast && turns.length < limit, removed: Number(numDeletedRows) + turns.length };
};

/** The place before which everything goes: never in the middle of a turn, and never behind one that waits or runs. */
const findEnd = async (db: Kysely<Schema>, place: Place, bounds: RetentionBounds): Promise<number> => {
  const floor = await findOpenTurn(db, place);
  const ends = [
    bounds.before === null ? 0 : await findFirstYoung(db, place, bounds.before),
    bounds.maxMessages === null ? 0 : await findFirstFitting(db, place, bounds.maxMessages),
  ];
  return Math.min(floor, Math.max(...ends));
};

/** Where the turns of the conversation begin that wait or run; its end where none does. */
const findOpenTurn = async (db: Kysely<Schema>, { workspaceId, conversationId }: Place): Promise<number> => {
  const conversation = await db
    .selectFrom('conversations')
    .select(['active_turn_id', 'next_seq'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!conversation) return 0;
  const { active_turn_id: activeTurnId, next_seq: nextSeq } = conversation;
  return (await findTurnStart(db, { workspaceId, conversationId }, activeTurnId)) ?? nextSeq;
};

const selectMessages = (db: Kysely<Schema>, { workspaceId, conversationId }: Place) =>
  db
    .selectFrom('messages')
    .select(['seq', 'turn_id'])
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId);

/** The first message that is young enough begins what stays, with the whole of its turn. */
const findFirstYoung = async (db: Kysely<Schema>, place: Place, before: number): Promise<number> => {
  const young = await selectMessages(db, place)
    .where('created_at', '>=', before)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  if (!young) return Number.MAX_SAFE_INTEGER;
  return (await findTurnStart(db, place, young.turn_id)) ?? young.seq;
};

/**
 * The first of the latest `maxMessages` begins what stays. Where that is in the middle of a turn the turn goes, unless nothing
 * is behind it.
 */
const findFirstFitting = async (db: Kysely<Schema>, place: Place, maxMessages: number): Promise<number> => {
  const fitting = await selectMessages(db, place)
    .orderBy('seq', 'desc')
    .offset(maxMessages - 1)
    .limit(1)
    .executeTakeFirst();
  if (!fitting) return 0;
  const start = await findTurnStart(db, place, fitting.turn_id);
  if (start === null || start === fitting.seq) return fitting.seq;
  const behind = await selectMessages(db, place)
    .where('seq', '>=', start + turnSeats)
    .limit(1)
    .executeTakeFirst();
  return behind ? start + turnSeats : start;
};

const findTurnStart = async (
  db: Kysely<Schema>,
  { workspaceId }: Place,
  turnId: string | null,
): Promise<number | null> => {
  if (turnId === null) return null;
  const turn = await db
    .selectFrom('turns')
    .select('seq_base')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', turnId)
    .executeTakeFirst();
  return turn?.seq_base ?? null;
};

/** Where about `limit` messages end before `end`: between two turns, so that no turn ever sees half of another. */
const findBatchEnd = async (
  db: Kysely<Schema>,
  place: Place,
  { end, limit }: { end: number; limit: number },
): Promise<{ seq: number; isLast: boolean }> => {
  const beyond = await selectMessages(db, place)
    .where('seq', '<', end)
    .orderBy('seq')
    .offset(limit)
    .limit(1)
    .executeTakeFirst();
  if (!beyond) return { seq: end, isLast: true };
  const start = await findTurnStart(db, place, beyond.turn_id);
  return { seq: start === null ? beyond.seq : start + turnSeats, isLast: false };
};

/**
 * Ended turns whose messages are gone. A turn outlives them as long as a repeated request may ask for it, so that none is
 * answered and charged again.
 */
const selectEmptied = (
  db: Kysely<Schema>,
  { workspaceId, conversationId }: Place,
  { before, now, limit }: { before: number; now: number; limit: number },
) =>
  db
    .selectFrom('turns')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .where('seq_base', '<', before)
    .where('created_at', '<', now - idempotencyKeptMs)
    .orderBy('seq_base')
    .limit(limit);
