import type { Schema } from './schema.ts';

/** Tables whose rows belong to a workspace. */
type TenantTable = {
  [Table in keyof Schema]: 'workspace_id' extends keyof Schema[Table] ? Table : never;
}[keyof Schema];

/**
 * Every table of a tenant with the columns that tell its rows apart, beside `workspace_id`. The compiler refuses a table
 * that is missing, so that a new one is deleted with its workspace from its first day.
 */
export const tenantTables: { readonly [Table in TenantTable]: readonly (keyof Schema[Table] & string)[] } = {
  api_keys: ['id'],
  key_secrets: ['key_id', 'id'],
  users: ['mode', 'user_id'],
  user_links: ['mode', 'user_id', 'other_id'],
  erasures: ['id'],
  conversations: ['id'],
  conversation_memories: ['conversation_id'],
  recall_segments: ['conversation_id', 'first_seq'],
  current_conversations: ['bot_id', 'user_id', 'mode'],
  messages: ['conversation_id', 'seq'],
  turns: ['id'],
  turn_records: ['turn_id'],
  idempotency_keys: ['principal', 'route', 'key'],
  outbox: ['id'],
  webhook_endpoints: ['id'],
  webhook_deliveries: ['endpoint_id', 'id'],
  encrypted_secrets: ['id'],
  sources: ['bot_id', 'id'],
  source_contents: ['bot_id', 'source_id'],
  source_bytes: ['bot_id', 'source_id', 'part'],
  source_pages: ['bot_id', 'source_id', 'number'],
  retired_versions: ['bot_id', 'source_id', 'version'],
  chunks: ['bot_id', 'source_id', 'revision', 'position'],
  postings: ['bot_id', 'term', 'source_id', 'revision'],
  vectors: ['bot_id', 'model', 'content_hash'],
  vector_codes: ['bot_id', 'model', 'content_hash'],
  source_embeddings: ['bot_id', 'source_id'],
  bot_versions: ['bot_id', 'version'],
  bots: ['id'],
  quota_ledger: ['owner_id', 'id'],
  quota_periods: ['owner_id', 'period_start'],
  quota_owners: ['id'],
  usage_daily: ['mode', 'day', 'bot_id', 'channel'],
  members: ['id'],
  invitations: ['id'],
  providers: ['id'],
  audit_log: ['id'],
  audit_heads: [],
  jobs: ['id'],
};
