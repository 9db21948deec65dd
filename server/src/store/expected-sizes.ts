/** How an index narrows a table: its rows in all, then how many share the first column, the first two, and so on. */
export type ExpectedSize = { table: string; index: string; rows: readonly number[] };

const million = 1_000_000;

/**
 * A busy installation of some hundred workspaces, for databases that plan by guesses where they have no statistics: SQLite
 * takes a workspace for ten rows otherwise, and reads all of them where an index would have given it the few it needs.
 * An index with the name of its table is the primary key.
 */
export const expectedSizes: readonly ExpectedSize[] = [
  { table: 'api_keys', index: 'api_keys', rows: [10_000, 20, 1] },
  { table: 'api_keys', index: 'api_keys_id', rows: [10_000, 1] },
  { table: 'api_keys', index: 'api_keys_usable', rows: [5_000, 10, 1] },
  { table: 'conversations', index: 'conversations', rows: [10 * million, 100_000, 1] },
  { table: 'conversations', index: 'conversations_newest', rows: [10 * million, 100_000, 90_000, 1] },
  { table: 'conversations', index: 'conversations_bot', rows: [10 * million, 100_000, 10_000, 9_000, 1] },
  { table: 'conversations', index: 'conversations_user', rows: [10 * million, 100_000, 20, 20, 1] },
  { table: 'conversations', index: 'conversations_status', rows: [5 * million, 50_000, 20_000, 20_000, 1] },
  { table: 'conversations', index: 'conversations_channel', rows: [5 * million, 50_000, 10_000, 10_000, 1] },
  { table: 'conversations', index: 'conversations_resumable', rows: [5 * million, 50_000, 5_000, 5, 5, 1] },
  { table: 'recall_segments', index: 'recall_segments', rows: [5 * million, 50_000, 3, 1] },
  { table: 'messages', index: 'messages', rows: [100 * million, million, 10, 1] },
  { table: 'messages', index: 'messages_id', rows: [100 * million, million, 1] },
  { table: 'conversation_memories', index: 'conversation_memories', rows: [million, 10_000, 1] },
  { table: 'turns', index: 'turns', rows: [50 * million, 500_000, 1] },
  { table: 'turns', index: 'turns_conversation', rows: [50 * million, 500_000, 5, 1] },
  { table: 'turns', index: 'turns_running', rows: [1_000, 1] },
  { table: 'turns', index: 'turns_waiting', rows: [100, 10, 2, 1] },
  { table: 'turn_records', index: 'turn_records', rows: [50 * million, 500_000, 1] },
  { table: 'turn_records', index: 'turn_records_log', rows: [100_000, 1] },
  { table: 'idempotency_keys', index: 'idempotency_keys', rows: [million, 10_000, 5_000, 2_000, 1] },
  { table: 'idempotency_keys', index: 'idempotency_keys_expiry', rows: [million, 1] },
  { table: 'idempotency_keys', index: 'idempotency_keys_subject', rows: [million, 10_000, 1] },
  { table: 'encrypted_secrets', index: 'encrypted_secrets', rows: [10_000, 100, 1] },
  { table: 'encrypted_secrets', index: 'encrypted_secrets_subject', rows: [10_000, 100, 50, 2, 1] },
  { table: 'outbox', index: 'outbox', rows: [100_000, 1_000, 1] },
  { table: 'outbox', index: 'outbox_due', rows: [100_000, 1] },
  { table: 'outbox', index: 'outbox_subject', rows: [100_000, 1_000, 1] },
  { table: 'webhook_deliveries', index: 'webhook_deliveries', rows: [million, 10_000, 2_000, 1] },
  { table: 'webhook_deliveries', index: 'webhook_deliveries_due', rows: [10_000, 1, 1] },
  { table: 'webhook_deliveries', index: 'webhook_deliveries_waiting', rows: [10_000, 100, 50] },
  { table: 'webhook_deliveries', index: 'webhook_deliveries_failed', rows: [10_000, 100, 50, 1] },
  { table: 'webhook_deliveries', index: 'webhook_deliveries_subject', rows: [million, 10_000, 1] },
  { table: 'webhook_deliveries', index: 'webhook_deliveries_age', rows: [million, 1] },
  { table: 'jobs', index: 'jobs', rows: [100_000, 1] },
  { table: 'jobs', index: 'jobs_due', rows: [50_000, 1] },
  { table: 'jobs', index: 'jobs_leased', rows: [10, 1] },
  { table: 'jobs', index: 'jobs_dedupe', rows: [50_000, 1] },
  { table: 'sources', index: 'sources', rows: [million, 10_000, 1_000, 1] },
  { table: 'source_contents', index: 'source_contents', rows: [million, 10_000, 1_000, 1] },
  { table: 'source_bytes', index: 'source_bytes', rows: [million, 10_000, 1_000, 40, 1] },
  { table: 'source_pages', index: 'source_pages', rows: [5 * million, 50_000, 5_000, 20, 1] },
  { table: 'source_pages', index: 'source_pages_version', rows: [5 * million, 50_000, 5_000, 20, 1] },
  { table: 'source_pages', index: 'source_pages_url', rows: [5 * million, 50_000, 5_000, 20, 1] },
  { table: 'source_pages', index: 'source_pages_id', rows: [5 * million, 50_000, 5_000, 20, 1] },
  { table: 'retired_versions', index: 'retired_versions', rows: [10_000, 1_000, 500, 100, 1] },
  { table: 'chunks', index: 'chunks', rows: [10 * million, 100_000, 10_000, 100, 100, 1] },
  { table: 'chunks', index: 'chunks_id', rows: [10 * million, 100_000, 1] },
  { table: 'postings', index: 'postings', rows: [100 * million, million, 100_000, 20, 1, 1] },
  { table: 'postings', index: 'postings_source', rows: [100 * million, million, 100_000, 1_000, 1_000] },
];
