import type { Kysely, Selectable } from 'kysely';
import type { Workspace, WorkspaceStore } from '../core/workspace/workspace.ts';
import { rootOwner } from './quota-owner-rows.ts';
import type { Schema } from './schema.ts';
import type { WorkspacesTable } from './tables/workspaces.ts';

const toWorkspace = (
  row: Pick<Selectable<WorkspacesTable>, 'id' | 'parent_id' | 'name' | 'plan' | 'created_at'>,
): Workspace => ({
  id: row.id,
  parentId: row.parent_id,
  name: row.name,
  plan: row.plan,
  createdAt: row.created_at,
});

export const workspaceStoreSql = (db: Kysely<Schema>): WorkspaceStore => ({
  async find(workspaceId) {
    const row = await db
      .selectFrom('workspaces')
      .leftJoin('quota_owners as root', (join) =>
        join.onRef('root.workspace_id', '=', 'workspaces.id').onRef('root.id', '=', 'workspaces.id'),
      )
      .leftJoin('workspaces as parent', 'parent.id', 'workspaces.parent_id')
      .select([
        'workspaces.id',
        'workspaces.parent_id',
        'workspaces.name',
        'workspaces.plan',
        'workspaces.created_at',
        'parent.plan as parent_plan',
        'root.parent_id as shares_with',
        'root.hard_limit',
        'root.soft_limit',
      ])
      .where('workspaces.id', '=', workspaceId)
      .where('workspaces.deleted_at', 'is', null)
      .executeTakeFirst();
    if (!row) return null;
    const share = row.shares_with === null ? null : { messagesPerMonth: row.hard_limit, warnAt: row.soft_limit };
    return { ...toWorkspace(row), share, parentPlan: row.parent_plan };
  },

  async findDefault() {
    const row = await db
      .selectFrom('workspaces')
      .selectAll()
      .where('deleted_at', 'is', null)
      .where('parent_id', 'is', null)
      // ids sort by the time of their making
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
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
        branding: null,
        metadata: null,
        updated_at: null,
      })
      .execute();
    await db
      .insertInto('quota_owners')
      .values(rootOwner(workspace, 'workspace', null))
      .execute();
  },
});
