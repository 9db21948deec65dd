import type { Kysely, Selectable } from 'kysely';
import type { Mode } from '../core/access/principal.ts';
import type { Erasure } from '../core/user/erasure.ts';
import type { Traits, User, UserPlace } from '../core/user/user.ts';
import type { UserIds, UserStore } from '../core/user/user-store.ts';
import { beginErasure, completeErasure, purgeErased } from './erase-user-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import { listUsers } from './list-users-sql.ts';
import type { LongReads } from './long-reads.ts';
import { findMembers } from './person-sql.ts';
import { forgetInTurns } from './forget-in-turns-sql.ts';
import { regroupUsers } from './regroup-users-sql.ts';
import type { Schema } from './schema.ts';
import type { ErasuresTable } from './tables/erasures.ts';
import type { UsersTable } from './tables/users.ts';
import { visitorsBefore } from './visitors-before-sql.ts';

/** `long`: where reads go that may take more than a moment; the same connection unless another is given. */
export const userStoreSql = (db: Kysely<Schema>, leases: LeaseClock, long: LongReads = () => db): UserStore => ({
  async find(place) {
    const row = await db
      .selectFrom('users')
      .selectAll()
      .where('workspace_id', '=', place.workspaceId)
      .where('mode', '=', place.mode)
      .where('user_id', '=', place.userId)
      .executeTakeFirst();
    if (!row) return null;
    const [user] = await withLinked(db, place, [row]);
    return user ?? null;
  },

  async list(of, page) {
    const { items, hasMore } = await listUsers({ db, long }, of, page);
    return { items: await withLinked(db, of, items), hasMore };
  },

  async counts({ workspaceId, mode, userIds }) {
    const row = await long(workspaceId)
      .selectFrom('conversations')
      .select((select) => [
        select.fn.countAll<number>().as('conversations'),
        select.fn
          .sum<number>(
            select
              .selectFrom('messages')
              .select((count) => count.fn.countAll<number>().as('messages'))
              .whereRef('messages.workspace_id', '=', 'conversations.workspace_id')
              .whereRef('messages.conversation_id', '=', 'conversations.id'),
          )
          .as('messages'),
      ])
      .where('workspace_id', '=', workspaceId)
      .where('user_id', 'in', userIds)
      .where('mode', '=', mode)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return { conversations: Number(row?.conversations ?? 0), messages: Number(row?.messages ?? 0) };
  },

  async links(ids) {
    const rows = await selectLinks(db, ids).execute();
    return rows.map((row) => ({ userId: row.user_id, otherId: row.other_id, createdAt: row.created_at }));
  },

  async findErasure(workspaceId, mode, erasureId) {
    const row = await db
      .selectFrom('erasures')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', erasureId)
      .where('mode', '=', mode)
      .executeTakeFirst();
    return row ? toErasure(row) : null;
  },

  async save(place, traits, at) {
    const { workspaceId, mode, userId } = place;
    await db
      .insertInto('users')
      .values({
        workspace_id: workspaceId,
        mode,
        user_id: userId,
        person_id: userId,
        traits: JSON.stringify(traits),
        created_at: at,
      })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'mode', 'user_id']).doUpdateSet({ traits: JSON.stringify(traits) }),
      )
      .execute();
  },

  async addLink(place, otherId, at) {
    await db
      .insertInto('user_links')
      .values({ ...linkKey(place, otherId), created_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  },

  async removeLink(place, otherId) {
    const key = linkKey(place, otherId);
    const { numDeletedRows } = await db
      .deleteFrom('user_links')
      .where('workspace_id', '=', key.workspace_id)
      .where('mode', '=', key.mode)
      .where('user_id', '=', key.user_id)
      .where('other_id', '=', key.other_id)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  },

  regroup: (of, groups) => regroupUsers(db, of, groups),
  beginErasure: (ids, erasure) => beginErasure(db, ids, { erasure, leases }),
  visitorsBefore: (ids) => visitorsBefore(db, ids),
  forgetInTurns: (workspaceId, erasureId, afterTurnId) => forgetInTurns(db, { workspaceId, erasureId, afterTurnId }),
  purgeErased: (workspaceId, erasureId, limit) => purgeErased(db, { workspaceId, erasureId, limit }),
  completeErasure: (workspaceId, erasureId, at) => completeErasure(db, { workspaceId, erasureId, at }),
});

/** Rows as users, with the other ids of their persons. */
const withLinked = async (
  db: Kysely<Schema>,
  { workspaceId, mode }: { workspaceId: string; mode: Mode },
  rows: readonly Selectable<UsersTable>[],
): Promise<User[]> => {
  if (rows.length === 0) return [];
  const personIds = [...new Set(rows.map((row) => row.person_id))];
  const members = await findMembers(db, { workspaceId, mode, personIds });
  const byPerson = Map.groupBy(members, (member) => member.person_id);
  return rows.map((row) => {
    const linked = (byPerson.get(row.person_id) ?? []).map((member) => member.user_id);
    return {
      workspaceId: row.workspace_id,
      mode: row.mode,
      userId: row.user_id,
      personId: row.person_id,
      linkedUserIds: linked.filter((id) => id !== row.user_id).toSorted(),
      traits: JSON.parse(row.traits) as Traits,
      createdAt: row.created_at,
    };
  });
};

/** A link stands once, the smaller id first. */
const linkKey = ({ workspaceId, mode, userId }: UserPlace, otherId: string) => ({
  workspace_id: workspaceId,
  mode,
  user_id: userId < otherId ? userId : otherId,
  other_id: userId < otherId ? otherId : userId,
});

const selectLinks = (db: Kysely<Schema>, { workspaceId, mode, userIds }: UserIds) =>
  db
    .selectFrom('user_links')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', mode)
    // a link's users are one person: who has the first has the second
    .where('user_id', 'in', userIds)
    .orderBy('user_id')
    .orderBy('other_id');

const toErasure = (row: Selectable<ErasuresTable>): Erasure => ({
  id: row.id,
  workspaceId: row.workspace_id,
  mode: row.mode,
  userHash: row.user_hash,
  status: row.status,
  users: row.users,
  conversations: row.conversations,
  messages: row.messages,
  turns: row.turns,
  createdAt: row.created_at,
  completedAt: row.completed_at,
});
