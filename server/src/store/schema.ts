import type { ApiKeysTable } from './tables/api-keys.ts';
import type { AuditLogTable } from './tables/audit-log.ts';
import type { BotVersionsTable } from './tables/bot-versions.ts';
import type { BotsTable } from './tables/bots.ts';
import type { ChunksTable } from './tables/chunks.ts';
import type { ConversationsTable } from './tables/conversations.ts';
import type { CurrentConversationsTable } from './tables/current-conversations.ts';
import type { EncryptedSecretsTable } from './tables/encrypted-secrets.ts';
import type { IdempotencyKeysTable } from './tables/idempotency-keys.ts';
import type { InstanceSettingsTable } from './tables/instance-settings.ts';
import type { JobsTable } from './tables/jobs.ts';
import type { KeySecretsTable } from './tables/key-secrets.ts';
import type { MessagesTable } from './tables/messages.ts';
import type { OutboxTable } from './tables/outbox.ts';
import type { PostingsTable } from './tables/postings.ts';
import type { QuotaLedgerTable } from './tables/quota-ledger.ts';
import type { QuotaOwnersTable } from './tables/quota-owners.ts';
import type { QuotaPeriodsTable } from './tables/quota-periods.ts';
import type { SourceContentsTable } from './tables/source-contents.ts';
import type { SourcesTable } from './tables/sources.ts';
import type { TurnRecordsTable } from './tables/turn-records.ts';
import type { TurnsTable } from './tables/turns.ts';
import type { UsageDailyTable } from './tables/usage-daily.ts';
import type { UsersTable } from './tables/users.ts';
import type { WebhookEndpointsTable } from './tables/webhook-endpoints.ts';
import type { WorkspacesTable } from './tables/workspaces.ts';

/**
 * Every table by its name. Times are milliseconds since 1970, flags 0 or 1, and JSON is text: the same on every dialect.
 */
export interface Schema {
  workspaces: WorkspacesTable;
  api_keys: ApiKeysTable;
  key_secrets: KeySecretsTable;
  bots: BotsTable;
  bot_versions: BotVersionsTable;
  users: UsersTable;
  conversations: ConversationsTable;
  current_conversations: CurrentConversationsTable;
  messages: MessagesTable;
  turns: TurnsTable;
  turn_records: TurnRecordsTable;
  quota_owners: QuotaOwnersTable;
  quota_periods: QuotaPeriodsTable;
  quota_ledger: QuotaLedgerTable;
  usage_daily: UsageDailyTable;
  idempotency_keys: IdempotencyKeysTable;
  outbox: OutboxTable;
  webhook_endpoints: WebhookEndpointsTable;
  encrypted_secrets: EncryptedSecretsTable;
  jobs: JobsTable;
  audit_log: AuditLogTable;
  sources: SourcesTable;
  source_contents: SourceContentsTable;
  chunks: ChunksTable;
  postings: PostingsTable;
  instance_settings: InstanceSettingsTable;
}
