import type { Migration } from './migration.ts';

/**
 * Users apart by mode, as their conversations are: what a test key links, changes or erases is nobody's in live mode. Their
 * links, the receipts of erasures, and what a workspace wants to be kept.
 */
export const users: Migration = {
  name: '0005-users',
  up: ({ clusteredTable }) => [
    ...apart(clusteredTable),
    ...links(clusteredTable),
    ...erasures(clusteredTable),
    ...kept,
  ],
};

const apart = (clustered: string): string[] => [
  `create table users_by_mode (
    workspace_id text not null,
    mode text not null,
    user_id text not null,
    person_id text not null,
    traits text not null,
    created_at bigint not null,
    primary key (workspace_id, mode, user_id)
  ) ${clustered}`,
  `insert into users_by_mode (workspace_id, mode, user_id, person_id, traits, created_at)
    select workspace_id, mode, user_id, user_id, '{}', min(created_at) from conversations
    where user_id is not null group by workspace_id, mode, user_id`,
  'drop table users',
  'alter table users_by_mode rename to users',
  // a user who is linked to nobody, as most are, costs it nothing
  'create index users_person on users (workspace_id, mode, person_id) where person_id <> user_id',
  'create index users_newest on users (workspace_id, mode, created_at, user_id)',
];

const links = (clustered: string): string[] => [
  `create table user_links (
    workspace_id text not null,
    mode text not null,
    user_id text not null,
    other_id text not null,
    created_at bigint not null,
    primary key (workspace_id, mode, user_id, other_id)
  ) ${clustered}`,
];

const erasures = (clustered: string): string[] => [
  `create table erasures (
    workspace_id text not null,
    id text not null,
    mode text not null,
    user_hash text not null,
    subjects text,
    status text not null,
    users bigint not null,
    conversations bigint not null,
    messages bigint not null,
    turns bigint not null,
    created_at bigint not null,
    completed_at bigint,
    primary key (workspace_id, id)
  ) ${clustered}`,
  // what a user had and is about to go
  `create index conversations_leaving on conversations (workspace_id, user_id, mode, id)
    where deleted_at is not null and user_id is not null`,
];

const kept = [
  'alter table workspaces add column retention_days bigint',
  'alter table workspaces add column max_messages_per_conversation bigint',
];
