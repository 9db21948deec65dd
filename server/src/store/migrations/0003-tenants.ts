import type { Migration } from './migration.ts';

/** Client workspaces, and the quota tree with hard and soft limits. */
export const tenants: Migration = {
  name: '0003-tenants',
  up: () => [
    'alter table workspaces add column branding text',
    'alter table workspaces add column metadata text',
    'alter table workspaces add column updated_at bigint',
    'create index workspaces_clients on workspaces (parent_id, id) where parent_id is not null and deleted_at is null',
    // what waits for a deleted workspace goes with it
    'create index jobs_workspace on jobs (workspace_id) where workspace_id is not null',
    // the limits in force when a message was last reserved: a charge that crosses one is told of
    'alter table quota_periods add column hard_limit bigint',
    'alter table quota_periods add column warn_at bigint',
  ],
};
