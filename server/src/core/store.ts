import type { EncryptedSecretReader, EncryptedSecretStore } from './access/encrypted-secret-store.ts';
import type { KeyReader, KeyStore } from './access/key-store.ts';
import type { VisitorReader, VisitorStore } from './access/visitor-store.ts';
import type { AuditLog, AuditReader } from './audit/audit-log.ts';
import type { BotReader, BotStore } from './bot/bot-store.ts';
import type { ConversationReader, ConversationStore } from './conversation/conversation-store.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import type { RotationReader } from './installation/rotation-reader.ts';
import type { InstallationSettings } from './installation/installation-settings.ts';
import type { JobQueue, JobStore } from './job/job-store.ts';
import type { KnowledgeReader, KnowledgeStore } from './knowledge/knowledge-store.ts';
import type { VectorDatabase } from './knowledge/vector-database.ts';
import type { VectorReader, VectorStore } from './knowledge/vector-store.ts';
import type { InvitationReader, InvitationStore } from './member/invitation.ts';
import type { MemoryReader, MemoryStore } from './memory/memory-store.ts';
import type { MemberReader, MemberStore } from './member/member.ts';
import type { BacklogReader } from './operations/backlog.ts';
import type { ConnectionLoad } from './operations/store-observer.ts';
import type { ProviderReader, ProviderStore } from './provider/provider.ts';
import type { RecallReader, RecallStore } from './recall/recall-store.ts';
import type { ReplicaStore } from './replica/replica-store.ts';
import type { RetentionReader, RetentionStore } from './retention/retention-store.ts';
import type { FeedbackReader, FeedbackStore } from './turn/feedback-store.ts';
import type { TurnStore } from './turn/turn-store.ts';
import type { UsageReader } from './usage/usage-store.ts';
import type { ExportReader } from './user/export-reader.ts';
import type { UserReader, UserStore } from './user/user-store.ts';
import type { EventQueue } from './webhook/event-queue.ts';
import type { Outbox } from './webhook/outbox.ts';
import type { WebhookDeliveryReader, WebhookDeliveryStore } from './webhook/webhook-delivery.ts';
import type { WebhookEndpointReader, WebhookEndpointStore } from './webhook/webhook-endpoint.ts';
import type { ClientReader, ClientStore } from './workspace/client-store.ts';
import type { WorkspaceReader, WorkspaceStore } from './workspace/workspace.ts';

/** What can be read at any time, outside a transaction. */
export type Readers = {
  workspaces: WorkspaceReader;
  clients: ClientReader;
  keys: KeyReader;
  encryptedSecrets: EncryptedSecretReader;
  visitors: VisitorReader;
  bots: BotReader;
  conversations: ConversationReader;
  users: UserReader;
  feedback: FeedbackReader;
  exports: ExportReader;
  memories: MemoryReader;
  recall: RecallReader;
  retention: RetentionReader;
  knowledge: KnowledgeReader;
  vectors: VectorReader;
  usage: UsageReader;
  members: MemberReader;
  invitations: InvitationReader;
  providers: ProviderReader;
  audit: AuditReader;
  webhookEndpoints: WebhookEndpointReader;
  webhookDeliveries: WebhookDeliveryReader;
  rotation: RotationReader;
  backlog: BacklogReader;
};

/** What one transaction may read and write. */
export type Writers = {
  workspaces: WorkspaceStore;
  clients: ClientStore;
  keys: KeyStore;
  encryptedSecrets: EncryptedSecretStore;
  visitors: VisitorStore;
  bots: BotStore;
  conversations: ConversationStore;
  users: UserStore;
  feedback: FeedbackStore;
  memories: MemoryStore;
  recall: RecallStore;
  retention: RetentionStore;
  knowledge: KnowledgeStore;
  vectors: VectorStore;
  idempotency: IdempotencyStore;
  jobs: JobQueue;
  members: MemberStore;
  invitations: InvitationStore;
  providers: ProviderStore;
  audit: AuditLog;
  outbox: Outbox;
  webhookEndpoints: WebhookEndpointStore;
  webhookDeliveries: WebhookDeliveryStore;
  settings: InstallationSettings;
  /** Runs once the transaction is durable, and not at all when it fails: for caches, wake-ups and answers. */
  afterCommit(effect: () => void): void;
};

/** Runs `work` in one transaction. Nothing but the writers may be awaited inside it. */
export type Transact = <Result>(work: (writers: Writers) => Promise<Result>) => Promise<Result>;

/** The whole store, as the composition root holds it; use cases are given the parts they need. */
export interface Store {
  readonly readers: Readers;
  readonly transact: Transact;
  /** The hot path, with units of its own. */
  readonly turns: TurnStore;
  /** The outbox from the side of whoever sends its events. */
  readonly events: EventQueue;
  /** The worker's own units on the job table. */
  readonly jobs: JobStore;
  /** Null where one process has the store for itself. */
  readonly replicas: ReplicaStore | null;
  /** Null where the database has no search for vectors of its own. */
  readonly vectorDatabase: VectorDatabase | null;
  /**
   * Takes what was deleted so far out of the database's own files, as far as it lets us: on PostgreSQL that is the
   * database's affair. Stops at the signal.
   */
  eraseTraces(signal: AbortSignal): Promise<void>;
  /**
   * For whoever has just written much at once: lets a database that plans by what its tables held some time ago look again.
   * Nothing is done where little has changed, or where plans do not depend on it (SQLite).
   */
  measureTables(): Promise<void>;
  /** By the name of the pool; null where the database is a file of this process. */
  connections: (() => ReadonlyMap<string, ConnectionLoad>) | null;
  /** Resolves when the store can be read and written; throws storage_unavailable otherwise. */
  check(): Promise<void>;
  close(): Promise<void>;
}
