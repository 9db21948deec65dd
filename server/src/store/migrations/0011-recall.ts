import type { Migration } from './migration.ts';

/** The index by which a user's older messages are found again. */
export const recall: Migration = {
  name: '0011-recall',
  up: ({ binaryType, clusteredTable }) => [
    `create table recall_segments (
      workspace_id text not null,
      conversation_id text not null,
      first_seq bigint not null,
      last_seq bigint not null,
      packed ${binaryType} not null,
      primary key (workspace_id, conversation_id, first_seq)
    ) ${clusteredTable}`,
  ],
};
