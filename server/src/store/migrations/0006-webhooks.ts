import type { Migration } from './migration.ts';

/** What is known of an endpoint, and each event on its way to it; who has a conversation in hand. */
export const webhooks: Migration = {
  name: '0006-webhooks',
  up: ({ clusteredTable }) => [
    'alter table webhook_endpoints add column description text',
    'alter table webhook_endpoints add column disabled_reason text',
    'alter table webhook_endpoints add column failing_since bigint',
    'alter table webhook_endpoints add column updated_at bigint',
    `create table webhook_deliveries (
      workspace_id text not null,
      id text not null,
      endpoint_id text not null,
      event_id text not null,
      type text not null,
      subject_id text not null,
      event_at bigint not null,
      status text not null,
      attempts bigint not null,
      fence bigint not null,
      next_attempt_at bigint,
      attempted_at bigint,
      response_status bigint,
      duration_ms bigint,
      error text,
      created_at bigint not null,
      ended_at bigint,
      primary key (workspace_id, endpoint_id, id)
    ) ${clusteredTable}`,
    "create index webhook_deliveries_due on webhook_deliveries (next_attempt_at, endpoint_id) where status = 'pending'",
    "create index webhook_deliveries_waiting on webhook_deliveries (workspace_id, endpoint_id) where status = 'pending'",
    "create index webhook_deliveries_failed on webhook_deliveries (workspace_id, endpoint_id, event_at) where status = 'failed'",
    'create index webhook_deliveries_subject on webhook_deliveries (workspace_id, subject_id)',
    'create index webhook_deliveries_age on webhook_deliveries (created_at)',
    'alter table conversations add column assignee text',
  ],
};
