import type { Migration } from './migration.ts';

/** What is remembered: of a conversation beside its messages, and of a user; and what models used for it. */
export const memory: Migration = {
  name: '0008-memory',
  up: ({ clusteredTable }) => [
    `create table conversation_memories (
      workspace_id text not null,
      conversation_id text not null,
      revision bigint not null,
      packed_seq bigint not null,
      summary_seq bigint not null,
      facts_seq bigint not null,
      summary text,
      summary_tokens bigint not null,
      summary_model text,
      updated_at bigint not null,
      primary key (workspace_id, conversation_id)
    ) ${clusteredTable}`,
    'alter table users add column facts text',
    'alter table usage_daily add column memory_input_tokens bigint not null default 0',
    'alter table usage_daily add column memory_output_tokens bigint not null default 0',
  ],
};
