import { expectedSizes } from '../expected-sizes.ts';
import type { Migration } from './migration.ts';

/**
 * The first schema. It carries what later work needs (parents of workspaces and quotas, several kinds of principals, an
 * outbox, secrets, jobs), so that nothing has to be rebuilt. `workspace_id` leads the key of every tenant's table, so
 * that a distributed PostgreSQL can shard by it. `schema.ts` says what the columns mean.
 */
export const foundation: Migration = {
  name: '0001-foundation',
  up: ({ binaryType, clusteredTable, reckonWith }) => [
    ...tenancy(clusteredTable),
    ...bots(clusteredTable),
    ...conversations(clusteredTable),
    ...turns(clusteredTable),
    ...quota(clusteredTable),
    ...delivery(clusteredTable, binaryType),
    ...knowledge(clusteredTable, binaryType),
    ...installation(clusteredTable, binaryType),
    ...reckonWith(expectedSizes),
  ],
};

const tenancy = (clustered: string): string[] => [
  `create table workspaces (
    id text primary key not null,
    parent_id text,
    name text not null,
    plan text,
    created_at bigint not null,
    deleted_at bigint
  ) ${clustered}`,
  `create table api_keys (
    workspace_id text not null,
    id text not null,
    name text not null,
    type text not null,
    scopes text not null,
    bot_ids text,
    allowed_origins text not null,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create unique index api_keys_id on api_keys (id)',
  'create index api_keys_usable on api_keys (workspace_id, id) where revoked_at is null',
  `create table key_secrets (
    workspace_id text not null,
    key_id text not null,
    id text not null,
    hash text not null,
    last_four text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    primary key (workspace_id, key_id, id)
  ) ${clustered}`,
  `create table users (
    workspace_id text not null,
    user_id text not null,
    person_id text not null,
    traits text not null,
    created_at bigint not null,
    primary key (workspace_id, user_id)
  ) ${clustered}`,
];

const bots = (clustered: string): string[] => [
  `create table bots (
    workspace_id text not null,
    id text not null,
    name text not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    primary key (workspace_id, id)
  ) ${clustered}`,
  `create table bot_versions (
    workspace_id text not null,
    bot_id text not null,
    version bigint not null,
    config text not null,
    created_by text not null,
    created_at bigint not null,
    primary key (workspace_id, bot_id, version)
  ) ${clustered}`,
];

const conversations = (clustered: string): string[] => [
  `create table conversations (
    workspace_id text not null,
    id text not null,
    bot_id text not null,
    user_id text,
    channel text not null,
    mode text not null,
    status text not null,
    active_turn_id text,
    next_seq bigint not null,
    metadata text not null,
    created_at bigint not null,
    updated_at bigint not null,
    deleted_at bigint,
    primary key (workspace_id, id)
  ) ${clustered}`,
  // a list is read along the index of its narrowest filter, newest first, wherever its page lies
  'create index conversations_newest on conversations (workspace_id, mode, id) where deleted_at is null',
  'create index conversations_bot on conversations (workspace_id, bot_id, mode, id)',
  `create index conversations_user on conversations (workspace_id, user_id, mode, id)
    where deleted_at is null and user_id is not null`,
  // an open conversation of the API is what a message starts on the hot path: it costs these two nothing
  `create index conversations_status on conversations (workspace_id, status, mode, id)
    where deleted_at is null and status <> 'open'`,
  `create index conversations_channel on conversations (workspace_id, channel, mode, id)
    where deleted_at is null and channel <> 'api'`,
  // finds the conversation that becomes the user's current one when another is closed or deleted
  `create index conversations_resumable on conversations (workspace_id, bot_id, user_id, mode, id)
    where status <> 'closed' and deleted_at is null and user_id is not null`,
  `create table current_conversations (
    workspace_id text not null,
    bot_id text not null,
    user_id text not null,
    mode text not null,
    conversation_id text not null,
    primary key (workspace_id, bot_id, user_id, mode)
  ) ${clustered}`,
  `create table messages (
    workspace_id text not null,
    conversation_id text not null,
    seq bigint not null,
    id text not null,
    turn_id text,
    role text not null,
    text text not null,
    parts text,
    tokens bigint not null,
    metadata text,
    citations text,
    created_at bigint not null,
    primary key (workspace_id, conversation_id, seq)
  ) ${clustered}`,
  'create unique index messages_id on messages (workspace_id, id)',
];

const turns = (clustered: string): string[] => [
  `create table turns (
    workspace_id text not null,
    id text not null,
    conversation_id text not null,
    bot_id text not null,
    bot_version bigint not null,
    user_id text,
    channel text not null,
    mode text not null,
    principal text not null,
    status text not null,
    finish_reason text,
    error_code text,
    seq_base bigint not null,
    message_count bigint not null,
    attempt bigint not null,
    fence bigint not null,
    owner text,
    lease_until bigint,
    stop_request text,
    period_start bigint not null,
    quota_owners text,
    charged bigint not null,
    context text,
    model text,
    input_tokens bigint not null,
    output_tokens bigint not null,
    partial_text text,
    rating text,
    rating_comment text,
    created_at bigint not null,
    started_at bigint,
    completed_at bigint,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create index turns_conversation on turns (workspace_id, conversation_id, seq_base)',
  // few at any time, whatever the size of the table: what the sweeper looks through
  "create index turns_running on turns (lease_until) where status = 'running'",
  "create index turns_waiting on turns (workspace_id, conversation_id, seq_base) where status = 'queued'",
  `create table turn_records (
    workspace_id text not null,
    turn_id text not null,
    receipt text,
    log text,
    ended_at bigint not null,
    primary key (workspace_id, turn_id)
  ) ${clustered}`,
  'create index turn_records_log on turn_records (ended_at) where log is not null',
];

const quota = (clustered: string): string[] => [
  `create table quota_owners (
    workspace_id text not null,
    id text not null,
    parent_id text,
    kind text not null,
    subject_id text not null,
    hard_limit bigint,
    soft_limit bigint,
    created_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  `create table quota_periods (
    workspace_id text not null,
    owner_id text not null,
    period_start bigint not null,
    period_end bigint not null,
    reserved bigint not null check (reserved >= 0),
    used bigint not null check (used >= 0),
    primary key (workspace_id, owner_id, period_start)
  ) ${clustered}`,
  `create table quota_ledger (
    workspace_id text not null,
    owner_id text not null,
    id text not null,
    period_start bigint not null,
    turn_id text not null,
    bot_id text not null,
    channel text not null,
    messages bigint not null,
    created_at bigint not null,
    primary key (workspace_id, owner_id, id)
  ) ${clustered}`,
  `create table usage_daily (
    workspace_id text not null,
    mode text not null,
    day text not null,
    bot_id text not null,
    channel text not null,
    turns bigint not null,
    messages bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    primary key (workspace_id, mode, day, bot_id, channel)
  ) ${clustered}`,
];

const delivery = (clustered: string, binary: string): string[] => [
  `create table idempotency_keys (
    workspace_id text not null,
    principal text not null,
    route text not null,
    key text not null,
    fingerprint text not null,
    subject_id text,
    status bigint,
    body ${binary},
    sealed bigint not null,
    expires_at bigint not null,
    primary key (workspace_id, principal, route, key)
  ) ${clustered}`,
  'create index idempotency_keys_expiry on idempotency_keys (expires_at)',
  'create index idempotency_keys_subject on idempotency_keys (workspace_id, subject_id) where subject_id is not null',
  `create table outbox (
    workspace_id text not null,
    id text not null,
    type text not null,
    subject_id text not null,
    attempts bigint not null,
    available_at bigint not null,
    created_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create index outbox_due on outbox (available_at)',
  'create index outbox_subject on outbox (workspace_id, subject_id)',
  `create table webhook_endpoints (
    workspace_id text not null,
    id text not null,
    url text not null,
    events text not null,
    status text not null,
    created_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  `create table jobs (
    id text primary key not null,
    workspace_id text,
    kind text not null,
    payload text not null,
    status text not null,
    dedupe_key text,
    run_at bigint not null,
    owner text,
    lease_until bigint,
    fence bigint not null,
    attempts bigint not null,
    last_error text,
    created_at bigint not null
  ) ${clustered}`,
  "create index jobs_due on jobs (run_at) where status = 'waiting'",
  "create index jobs_leased on jobs (lease_until) where status = 'running'",
  "create unique index jobs_dedupe on jobs (dedupe_key) where status = 'waiting' and dedupe_key is not null",
];

const knowledge = (clustered: string, binary: string): string[] => [
  `create table sources (
    workspace_id text not null,
    bot_id text not null,
    id text not null,
    type text not null,
    title text not null,
    url text,
    status text not null,
    error text,
    progress double precision not null,
    chunk_count bigint not null,
    term_count bigint not null,
    revision bigint not null,
    ready_revision bigint,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (workspace_id, bot_id, id)
  ) ${clustered}`,
  `create table source_contents (
    workspace_id text not null,
    bot_id text not null,
    source_id text not null,
    content text not null,
    primary key (workspace_id, bot_id, source_id)
  ) ${clustered}`,
  `create table chunks (
    workspace_id text not null,
    bot_id text not null,
    source_id text not null,
    revision bigint not null,
    position bigint not null,
    id text not null,
    headings text not null,
    text text not null,
    tokens bigint not null,
    primary key (workspace_id, bot_id, source_id, revision, position)
  ) ${clustered}`,
  'create index chunks_id on chunks (workspace_id, id)',
  `create table postings (
    workspace_id text not null,
    bot_id text not null,
    term text not null,
    source_id text not null,
    revision bigint not null,
    entries ${binary} not null,
    primary key (workspace_id, bot_id, term, source_id, revision)
  ) ${clustered}`,
  'create index postings_source on postings (workspace_id, bot_id, source_id, revision)',
];

const installation = (clustered: string, binary: string): string[] => [
  `create table encrypted_secrets (
    workspace_id text not null,
    id text not null,
    purpose text not null,
    subject_id text not null,
    ciphertext ${binary} not null,
    key_version bigint not null,
    last_four text not null,
    created_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  'create index encrypted_secrets_subject on encrypted_secrets (workspace_id, purpose, subject_id, id)',
  `create table audit_log (
    workspace_id text not null,
    id text not null,
    actor text not null,
    action text not null,
    target text not null,
    detail text not null,
    created_at bigint not null,
    primary key (workspace_id, id)
  ) ${clustered}`,
  `create table instance_settings (
    name text primary key not null,
    value text not null
  ) ${clustered}`,
];
