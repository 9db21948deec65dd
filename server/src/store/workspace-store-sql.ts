import type { Kysely, Selectable } from 'kysely';
import type { Workspace, WorkspaceStore } from '../core/workspace/workspace.ts';
import type { Schema } from './schema.ts';
import type { WorkspacesTable } from './tables/workspaces.ts';

const toWorkspace = (row: Selectable<WorkspacesTable>): Workspace => ({
  id: row.id,
  parentId: row.parent_id,
  name: row.name,
  plan: row.plan,
  createdAt: row.created_at,
});

export const workspaceStoreSql = (db: Kysely<Schema>): WorkspaceStore => {
  const select = () => db.selectFrom('workspaces').selectAll().where('deleted_at', 'is', null);
  return {
    async find(workspaceId) {
      const row = await select().where('id', '=', workspaceId).executeTakeFirst();
      return row ? toWorkspace(row) : null;
    },

    async findDefault() {
      // ids sort by the time of their making
      const row = await select().where('parent_id', 'is', null).orderBy('id').limit(1).executeTakeFirst();
      return row ? toWorkspace(row) : null;
    },

    async insert(workspace) {
      await db
        .insertInto('workspaces')
        .values({
          id: workspace.id,
          parent_id: workspace.parentId,
          name: workspace.name,
          plan: workspace.plan,
          created_at: workspace.createdAt,
          deleted_at: null,
        })
        .execute();
      // the root of its quota tree bears the workspace's own id, so that nothing has to look it up
      await db
        .insertInto('quota_owners')
        .values({
          workspace_id: workspace.id,
          id: workspace.id,
          parent_id: null,
          kind: 'workspace',
          subject_id: workspace.id,
          hard_limit: null,
          soft_limit: null,
          created_at: workspace.createdAt,
        })
        .execute();
    },
  };
};
