import type { Migration } from './migration.ts';

/** Members, invitations and providers of a workspace; the audit log as a chain. */
export const administration: Migration = {
  name: '0004-administration',
  up: ({ clusteredTable }) => [...audit(clusteredTable), ...people(clusteredTable), ...providers(clusteredTable)],
};

const audit = (clustered: string): string[] => [
  // null in entries that were written before there was a chain
  'alter table audit_log add column position bigint',
  'alter table audit_log add column previous_hash text',
  'alter table audit_log add column hash text',
  'create unique index audit_log_position on audit_log (workspace_id, position) where position is not null',
  'create index audit_log_action on audit_log (workspace_id, action, id)',
  'create index audit_log_actor on audit_log (workspace_id, actor, id)',
  'create index audit_log_target on audit_log (workspace_id, target, id)',
  `create table audit_heads (
    workspace_id text primary key not null,
    length bigint not null,
    hash text not null
  ) ${clustered}`,
];

const people = (clustered: string): string[] => [
  `create table members (
    workspace_id text not null,
    id text not null,
    email text not null,
    name text not null,
    role text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create unique index members_email on members (workspace_id, email)',
  `create table invitations (
    workspace_id text not null,
    id text not null,
    email text not null,
    role text not null,
    token_hash text not null,
    invited_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create unique index invitations_email on invitations (workspace_id, email)',
  'create unique index invitations_token on invitations (token_hash)',
  'create index invitations_expiry on invitations (expires_at)',
];

const providers = (clustered: string): string[] => [
  `create table providers (
    workspace_id text not null,
    id text not null,
    name text not null,
    type text not null,
    base_url text,
    secret_id text not null,
    last_four text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create unique index providers_name on providers (workspace_id, name)',
];
