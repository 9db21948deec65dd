import type { Kysely } from 'kysely';
import type { Readers, Writers } from '../core/store.ts';
import { backlogSql } from './backlog-sql.ts';
import { auditLogSql, auditReaderSql } from './audit-log-sql.ts';
import { botStoreSql } from './bot-store-sql.ts';
import { clientStoreSql } from './client-store-sql.ts';
import { conversationStoreSql } from './conversation-store-sql.ts';
import type { Dialect } from './dialect.ts';
import { encryptedSecretStoreSql } from './encrypted-secret-store-sql.ts';
import { exportReaderSql } from './export-reader-sql.ts';
import { feedbackStoreSql } from './feedback-store-sql.ts';
import { idempotencyStoreSql } from './idempotency-store-sql.ts';
import { installationSettingsSql } from './installation-settings-sql.ts';
import { invitationStoreSql } from './invitation-store-sql.ts';
import { jobQueueSql } from './job-store-sql.ts';
import { keyStoreSql } from './key-store-sql.ts';
import { knowledgeStoreSql } from './knowledge-store-sql.ts';
import type { LeaseClock } from './lease-clock.ts';
import type { LongReads } from './long-reads.ts';
import { memberStoreSql } from './member-store-sql.ts';
import { memoryStoreSql } from './memory-store-sql.ts';
import { outboxSql } from './outbox-sql.ts';
import { providerStoreSql } from './provider-store-sql.ts';
import { retentionReaderSql, retentionStoreSql } from './retention-store-sql.ts';
import { secretRotationSql } from './secret-rotation-sql.ts';
import { recallStoreSql } from './recall-store-sql.ts';
import type { Schema } from './schema.ts';
import type { Clock } from '../kit/clock.ts';
import type { Keyring } from '../kit/seal.ts';
import { usageStoreSql } from './usage-store-sql.ts';
import { userStoreSql } from './user-store-sql.ts';
import { vectorReaderSql, vectorStoreSql } from './vector-store-sql.ts';
import type { AlsoWriteVectors } from './vector-rows-sql.ts';
import { visitorStoreSql } from './visitor-store-sql.ts';
import { webhookDeliveryStoreSql } from './webhook-delivery-store-sql.ts';
import { webhookEndpointStoreSql } from './webhook-endpoint-store-sql.ts';
import { workspaceStoreSql } from './workspace-store-sql.ts';

/** Connections that cannot write. */
type ReadingConnections = {
  /** For what is read on a turn's path. */
  quick: Kysely<Schema>;
  /** Shows only what no power cut can take back. */
  durable: Kysely<Schema>;
  /** As `durable`, for what may take long. */
  long: LongReads;
};

/** For those who open the store without the master secret: nothing is sealed or opened with it. */
export const emptyKeyring: Keyring = { current: 0, keys: new Map() };

/** What the parts share beside their connection. */
type SqlParts = {
  dialect: Dialect;
  leases: LeaseClock;
  clock: Clock;
  keyring: Keyring;
  /** Null where vectors are searched in memory alone. */
  alsoWriteVectors: AlsoWriteVectors | null;
};

export const readersOver = (
  { quick, durable, long }: ReadingConnections,
  { dialect, leases, clock, keyring }: SqlParts,
): Readers => ({
  workspaces: workspaceStoreSql(quick),
  clients: clientStoreSql(durable, leases),
  keys: keyStoreSql(quick),
  encryptedSecrets: encryptedSecretStoreSql(quick, keyring),
  visitors: visitorStoreSql(quick),
  bots: botStoreSql(quick, leases),
  conversations: conversationStoreSql(durable, { dialect, leases }, long),
  users: userStoreSql(durable, leases, long),
  feedback: feedbackStoreSql(durable),
  exports: exportReaderSql(durable),
  memories: memoryStoreSql(quick),
  recall: recallStoreSql(quick),
  retention: retentionReaderSql(quick, long),
  knowledge: knowledgeStoreSql(quick),
  vectors: vectorReaderSql(quick, long),
  usage: usageStoreSql(durable, long),
  members: memberStoreSql(durable),
  invitations: invitationStoreSql(durable),
  providers: providerStoreSql(quick),
  audit: auditReaderSql(durable, long),
  webhookEndpoints: webhookEndpointStoreSql(quick),
  webhookDeliveries: webhookDeliveryStoreSql(quick, leases),
  rotation: secretRotationSql(long(null), keyring),
  backlog: backlogSql(long(null), { leases, clock }),
});

/** Every part over one transaction; `effects` collects what is to run once it is durable. */
export const writersOver = (
  db: Kysely<Schema>,
  { dialect, leases, clock, keyring, alsoWriteVectors }: SqlParts,
  effects: (() => void)[],
): Writers => ({
  workspaces: workspaceStoreSql(db),
  clients: clientStoreSql(db, leases),
  keys: keyStoreSql(db),
  encryptedSecrets: encryptedSecretStoreSql(db, keyring),
  visitors: visitorStoreSql(db),
  bots: botStoreSql(db, leases),
  conversations: conversationStoreSql(db, { dialect, leases }),
  users: userStoreSql(db, leases),
  feedback: feedbackStoreSql(db),
  memories: memoryStoreSql(db),
  recall: recallStoreSql(db),
  retention: retentionStoreSql(db),
  knowledge: knowledgeStoreSql(db),
  vectors: vectorStoreSql(db, alsoWriteVectors),
  idempotency: idempotencyStoreSql(db),
  jobs: jobQueueSql(db, leases, clock),
  members: memberStoreSql(db),
  invitations: invitationStoreSql(db),
  providers: providerStoreSql(db),
  audit: auditLogSql(db),
  outbox: outboxSql(db, leases),
  webhookEndpoints: webhookEndpointStoreSql(db),
  webhookDeliveries: webhookDeliveryStoreSql(db, leases),
  settings: installationSettingsSql(db),
  afterCommit: (effect) => {
    effects.push(effect);
  },
});
