import type { Kysely, Selectable } from 'kysely';
import type { Role } from '../core/access/role.ts';
import type { Invitation, InvitationStore } from '../core/member/invitation.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { InvitationsTable } from './tables/invitations.ts';

const toInvitation = (row: Selectable<InvitationsTable>): Invitation => ({
  id: row.id,
  workspaceId: row.workspace_id,
  email: row.email,
  role: row.role as Role,
  invitedBy: row.invited_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});

export const invitationStoreSql = (db: Kysely<Schema>): InvitationStore => {
  const select = (workspaceId: string) =>
    db.selectFrom('invitations').selectAll().where('workspace_id', '=', workspaceId);
  return {
    async find(workspaceId, invitationId) {
      const row = await select(workspaceId).where('id', '=', invitationId).executeTakeFirst();
      return row ? toInvitation(row) : null;
    },

    async findByEmail(workspaceId, email) {
      const row = await select(workspaceId).where('email', '=', email).executeTakeFirst();
      return row ? toInvitation(row) : null;
    },

    async list(workspaceId, page, now) {
      const { items, hasMore } = await readPage(select(workspaceId).where('expires_at', '>', now), 'id', page);
      return { items: items.map(toInvitation), hasMore };
    },

    async count(workspaceId, now) {
      const { count } = await db
        .selectFrom('invitations')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('workspace_id', '=', workspaceId)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async insert(invitation, tokenHash) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('invitations')
        .values({
          workspace_id: invitation.workspaceId,
          id: invitation.id,
          email: invitation.email,
          role: invitation.role,
          token_hash: tokenHash,
          invited_by: invitation.invitedBy,
          created_at: invitation.createdAt,
          expires_at: invitation.expiresAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async remove(workspaceId, invitationId) {
      await db
        .deleteFrom('invitations')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', invitationId)
        .execute();
    },

    async take(tokenHash) {
      const row = await db
        .deleteFrom('invitations')
        .where('token_hash', '=', tokenHash)
        .returningAll()
        .executeTakeFirst();
      return row ? toInvitation(row) : null;
    },

    async removeExpired(now, limit) {
      const { numDeletedRows } = await db
        .deleteFrom('invitations')
        .where('token_hash', 'in', (expired) =>
          expired
            .selectFrom('invitations as old')
            .select('old.token_hash')
            .where('old.expires_at', '<', now)
            .orderBy('old.expires_at')
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
};
