import type { Kysely } from 'kysely';
import type { Erasure } from '../core/user/erasure.ts';
import { userOwnerId } from '../core/usage/quota-owner.ts';
import { userSubject } from '../core/user/user-subject.ts';
import type { UserIds } from '../core/user/user-store.ts';
import { purgeConversationPart, selectOpenTurns } from './delete-conversation-sql.ts';
import { type EndedAt, type EndedTurn, endTurns } from './end-turns-sql.ts';
import { freeHeldKeys } from './held-keys-sql.ts';
import { findBots } from './regroup-users-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import { Overtaken } from './overtaken.ts';
import type { Schema } from './schema.ts';
import { findTurnsOfUsers, holdTurnsOfUsers, passConversationsOn } from './turns-of-users-sql.ts';

/**
 * See `UserStore.beginErasure`. What a user has few of is removed at once; their conversations are marked. Rows are taken in
 * the order in which turns take them: conversations, turns, counters, keys, users, what is current.
 */
export const beginErasure = async (
  db: Kysely<Schema>,
  ids: UserIds,
  { erasure, leases }: { erasure: Erasure; leases: LeaseClock },
): Promise<{ endedTurns: string[] }> => {
  const { workspaceId, mode, userIds } = ids;
  const botIds = await findBots(db, ids);
  const endedTurns = await endTurnsOf(db, ids, { at: erasure.createdAt, leases });
  if (mode === 'live') {
    await predateCharges(db, ids, erasure.createdAt);
    await removeCounters(db, ids);
  }
  await removeKeys(db, ids, erasure.createdAt);
  for (const table of ['users', 'user_links'] as const) {
    await db
      .deleteFrom(table)
      .where('workspace_id', '=', workspaceId)
      .where('mode', '=', mode)
      .where('user_id', 'in', userIds)
      .execute();
  }
  await refuseOvertaken(db, ids);
  for (const botId of botIds) {
    await db
      .deleteFrom('current_conversations')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('user_id', 'in', userIds)
      .where('mode', '=', mode)
      .execute();
  }
  await db
    .insertInto('erasures')
    .values({
      workspace_id: workspaceId,
      id: erasure.id,
      mode,
      user_hash: erasure.userHash,
      subjects: JSON.stringify(userIds),
      status: erasure.status,
      users: erasure.users,
      conversations: 0,
      messages: 0,
      turns: 0,
      created_at: erasure.createdAt,
      completed_at: null,
    })
    .execute();
  return { endedTurns };
};

/**
 * Marks everything as gone and ends what runs or waits: in these users' conversations, and wherever else a turn holds a
 * reservation of theirs, which must not outlive the counter. Gives the turns that were running or waiting.
 */
const endTurnsOf = async (db: Kysely<Schema>, ids: UserIds, { at, leases }: EndedAt): Promise<string[]> => {
  const { workspaceId, mode } = ids;
  const own = await markConversations(db, ids, at);
  // nothing of test mode is reserved
  const elsewhere = mode === 'live' ? await holdTurnsOfUsers(db, ids) : { turns: [], conversations: [] };
  const endedTurns = await endTurns(db, { workspaceId, at, leases }, [...own, ...elsewhere.turns]);
  await passConversationsOn(db, { workspaceId, endedTurns }, elsewhere.conversations);
  return endedTurns;
};

/** Marks the users' conversations as gone; gives the turns that run or wait in them. */
const markConversations = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userIds }: UserIds,
  at: number,
): Promise<EndedTurn[]> => {
  const marked = await db
    .updateTable('conversations')
    .set({ deleted_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', 'is', null)
    .returning(['id', 'active_turn_id'])
    .execute();
  const open: EndedTurn[] = [];
  for (const { id, active_turn_id: activeTurnId } of marked) {
    if (activeTurnId === null) continue;
    await db
      .updateTable('conversations')
      .set({ active_turn_id: null })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .execute();
    open.push(...(await selectOpenTurns(db, { workspaceId, conversationId: id, activeTurnId }).execute()));
  }
  return open;
};

/**
 * Whoever begins a conversation holds the user's row, so that from here on nobody does. One that was begun behind the marks
 * would be left without its user: nobody could erase it, and messages would go on to it. The marks are not made again here:
 * turns of that conversation hold it, and wait for counters that are gone. The same goes for a turn that was accepted
 * elsewhere, whose reservation went with its counter.
 */
const refuseOvertaken = async (db: Kysely<Schema>, { workspaceId, mode, userIds }: UserIds): Promise<void> => {
  const begun = await db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (begun) throw new Overtaken('a conversation was begun meanwhile');
  if (mode !== 'live') return;
  const accepted = await findTurnsOfUsers(db, { workspaceId, userIds });
  if (accepted.length > 0) throw new Overtaken('a turn that counts on the users was accepted meanwhile');
};

/**
 * Turns may have ended behind `at`, or where a clock goes ahead: their charges are of before, too. Those of a user who comes
 * back are not there yet.
 */
const predateCharges = async (db: Kysely<Schema>, { workspaceId, userIds }: UserIds, at: number): Promise<void> => {
  const ownerIds = userIds.map((userId) => userOwnerId(userId));
  await db
    .updateTable('quota_ledger')
    .set({ created_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('owner_id', 'in', ownerIds)
    .where('created_at', '>', at)
    .execute();
};

/** Counters of the users' own quotas, and what is told of them. */
const removeCounters = async (db: Kysely<Schema>, { workspaceId, userIds }: UserIds): Promise<void> => {
  const ownerIds = userIds.map((userId) => userOwnerId(userId));
  await db
    .deleteFrom('quota_periods')
    .where('workspace_id', '=', workspaceId)
    .where('owner_id', 'in', ownerIds)
    .execute();
  await db.deleteFrom('quota_owners').where('workspace_id', '=', workspaceId).where('id', 'in', ownerIds).execute();
  for (const table of ['outbox', 'webhook_deliveries'] as const) {
    await db.deleteFrom(table).where('workspace_id', '=', workspaceId).where('subject_id', 'in', ownerIds).execute();
  }
};

/** Answers kept for repeated requests, about the users and about conversations that were marked at `at`. */
const removeKeys = async (db: Kysely<Schema>, { workspaceId, mode, userIds }: UserIds, at: number): Promise<void> => {
  const marked = db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', '=', at);
  const named = userIds.map((userId) => userSubject(mode, userId));
  for (const subjects of [marked, named]) {
    await db
      .deleteFrom('idempotency_keys')
      .where('workspace_id', '=', workspaceId)
      .where('subject_id', 'in', subjects)
      .execute();
  }
};

type Place = { workspaceId: string; erasureId: string };

/** See `UserStore.purgeErased`. */
export const purgeErased = async (
  db: Kysely<Schema>,
  { workspaceId, erasureId, limit }: Place & { limit: number },
): Promise<boolean> => {
  const erasure = await db
    .selectFrom('erasures')
    .select(['mode', 'subjects', 'created_at'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', erasureId)
    .executeTakeFirst();
  // gone with its workspace, or purged by an earlier attempt
  if (!erasure || erasure.subjects === null) return true;
  const userIds = JSON.parse(erasure.subjects) as string[];
  const conversation = await findLeaving(db, { workspaceId, mode: erasure.mode, userIds });
  if (conversation !== null) {
    const part = await purgeConversationPart(db, {
      workspaceId,
      conversationId: conversation,
      limit,
      holdsKeys: false,
    });
    await count(db, { workspaceId, erasureId }, { ...part, conversations: part.done ? 1 : 0 });
    return false;
  }
  if (
    erasure.mode === 'live' &&
    (await removeCharges(db, { workspaceId, userIds, before: erasure.created_at, limit }))
  ) {
    return false;
  }
  // of a conversation that was deleted before and purged meanwhile, by whoever purges those
  await freeHeldKeys(db, { workspaceId, mode: erasure.mode, userIds });
  await db
    .updateTable('erasures')
    .set({ subjects: null })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', erasureId)
    .execute();
  return true;
};

/** A conversation of these users that is marked as gone, whoever marked it. */
const findLeaving = async (db: Kysely<Schema>, { workspaceId, mode, userIds }: UserIds): Promise<string | null> => {
  const row = await db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
};

const count = async (
  db: Kysely<Schema>,
  { workspaceId, erasureId }: Place,
  removed: { conversations: number; messages: number; turns: number },
): Promise<void> => {
  await db
    .updateTable('erasures')
    .set((set) => ({
      conversations: set('conversations', '+', removed.conversations),
      messages: set('messages', '+', removed.messages),
      turns: set('turns', '+', removed.turns),
    }))
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', erasureId)
    .execute();
};

/**
 * Removes charges to the users' own quotas; true where more may be left. The charges to the workspace stay: they name a
 * turn that is gone. A user who came back since has charges of their own.
 */
const removeCharges = async (
  db: Kysely<Schema>,
  of: { workspaceId: string; userIds: readonly string[]; before: number; limit: number },
): Promise<boolean> => {
  for (const userId of of.userIds) {
    const ownerId = userOwnerId(userId);
    const rows = await db
      .selectFrom('quota_ledger')
      .select('id')
      .where('workspace_id', '=', of.workspaceId)
      .where('owner_id', '=', ownerId)
      .where('created_at', '<=', of.before)
      .orderBy('id')
      .limit(of.limit)
      .execute();
    if (rows.length === 0) continue;
    await db
      .deleteFrom('quota_ledger')
      .where('workspace_id', '=', of.workspaceId)
      .where('owner_id', '=', ownerId)
      .where(
        'id',
        'in',
        rows.map((row) => row.id),
      )
      .execute();
    return true;
  }
  return false;
};

/** See `UserStore.completeErasure`. */
export const completeErasure = async (
  db: Kysely<Schema>,
  { workspaceId, erasureId, at }: Place & { at: number },
): Promise<void> => {
  await db
    .updateTable('erasures')
    .set({ status: 'completed', completed_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', erasureId)
    .where('status', '=', 'running')
    .execute();
};
