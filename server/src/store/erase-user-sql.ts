import type { Kysely } from 'kysely';
import type { Erasure } from '../core/user/erasure.ts';
import { userOwnerId } from '../core/usage/quota-owner.ts';
import { userSubject } from '../core/user/user-subject.ts';
import type { UserIds } from '../core/user/user-store.ts';
import { type EndedAt, markConversationDeleted, purgeConversationPart } from './delete-conversation-sql.ts';
import { findBots } from './regroup-users-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import type { Schema } from './schema.ts';

/** See `UserStore.beginErasure`. What a user has few of is removed at once; their conversations are marked. */
export const beginErasure = async (
  db: Kysely<Schema>,
  ids: UserIds,
  { erasure, leases }: { erasure: Erasure; leases: LeaseClock },
): Promise<{ endedTurns: string[] }> => {
  const { workspaceId, mode, userIds } = ids;
  const botIds = await findBots(db, ids);
  const endedTurns = await markConversations(db, ids, { at: erasure.createdAt, leases });
  for (const botId of botIds) {
    await db
      .deleteFrom('current_conversations')
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('user_id', 'in', userIds)
      .where('mode', '=', mode)
      .execute();
  }
  for (const table of ['users', 'user_links'] as const) {
    await db
      .deleteFrom(table)
      .where('workspace_id', '=', workspaceId)
      .where('mode', '=', mode)
      .where('user_id', 'in', userIds)
      .execute();
  }
  await removeNamed(db, ids);
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

/** Ends what runs and marks everything as gone; gives the turns that were running or waiting. */
const markConversations = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userIds }: UserIds,
  { at, leases }: EndedAt,
): Promise<string[]> => {
  const busy = await selectKept(db, { workspaceId, mode, userIds }).where('active_turn_id', 'is not', null).execute();
  const endedTurns: string[] = [];
  for (const { id } of busy) {
    endedTurns.push(...(await markConversationDeleted(db, { workspaceId, conversationId: id, at, leases })));
  }
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where('subject_id', 'in', selectKept(db, { workspaceId, mode, userIds }))
    .execute();
  await db
    .updateTable('conversations')
    .set({ deleted_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', 'is', null)
    .execute();
  return endedTurns;
};

const selectKept = (db: Kysely<Schema>, { workspaceId, mode, userIds }: UserIds) =>
  db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', 'in', userIds)
    .where('mode', '=', mode)
    .where('deleted_at', 'is', null);

/** Rows that bear a user's name: answers kept for repeated requests, counters of their quota, and what is told of them. */
const removeNamed = async (db: Kysely<Schema>, { workspaceId, mode, userIds }: UserIds): Promise<void> => {
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', workspaceId)
    .where(
      'subject_id',
      'in',
      userIds.map((userId) => userSubject(mode, userId)),
    )
    .execute();
  if (mode === 'test') return;
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
    const part = await purgeConversationPart(db, { workspaceId, conversationId: conversation, limit });
    await count(db, { workspaceId, erasureId }, { ...part, conversations: part.done ? 1 : 0 });
    return false;
  }
  if (
    erasure.mode === 'live' &&
    (await removeCharges(db, { workspaceId, userIds, before: erasure.created_at, limit }))
  ) {
    return false;
  }
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
