import type { Kysely, Selectable } from 'kysely';
import type { Role } from '../core/access/role.ts';
import type { Member, MemberStore } from '../core/member/member.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { MembersTable } from './tables/members.ts';

const toMember = (row: Selectable<MembersTable>): Member => ({
  id: row.id,
  workspaceId: row.workspace_id,
  email: row.email,
  name: row.name,
  role: row.role as Role,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const memberStoreSql = (db: Kysely<Schema>): MemberStore => {
  const select = (workspaceId: string) => db.selectFrom('members').selectAll().where('workspace_id', '=', workspaceId);
  return {
    async find(workspaceId, memberId) {
      const row = await select(workspaceId).where('id', '=', memberId).executeTakeFirst();
      return row ? toMember(row) : null;
    },

    async findByEmail(workspaceId, email) {
      const row = await select(workspaceId).where('email', '=', email).executeTakeFirst();
      return row ? toMember(row) : null;
    },

    async list(workspaceId, page) {
      const { items, hasMore } = await readPage(select(workspaceId), 'id', page);
      return { items: items.map(toMember), hasMore };
    },

    async count(workspaceId) {
      const { count } = await db
        .selectFrom('members')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('workspace_id', '=', workspaceId)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async insert(member) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('members')
        .values({
          workspace_id: member.workspaceId,
          id: member.id,
          email: member.email,
          name: member.name,
          role: member.role,
          created_at: member.createdAt,
          updated_at: member.updatedAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async update(member) {
      await db
        .updateTable('members')
        .set({ name: member.name, role: member.role, updated_at: member.updatedAt })
        .where('workspace_id', '=', member.workspaceId)
        .where('id', '=', member.id)
        .execute();
    },

    async remove(workspaceId, memberId) {
      await db.deleteFrom('members').where('workspace_id', '=', workspaceId).where('id', '=', memberId).execute();
    },

    async lockOwners(workspaceId) {
      // a change of nothing locks their rows until the transaction ends, with every database
      const { numUpdatedRows } = await db
        .updateTable('members')
        .set({ role: 'owner' })
        .where('workspace_id', '=', workspaceId)
        .where('role', '=', 'owner')
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
};
