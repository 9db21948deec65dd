import type { KeyReader, KeyStore } from './access/key-store.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { BotReader, BotStore } from './bot/bot-store.ts';
import type { ConversationReader, ConversationStore } from './conversation/conversation-store.ts';
import type { IdempotencyStore } from './idempotency/idempotency-store.ts';
import type { InstallationSettings } from './installation/installation-settings.ts';
import type { JobQueue, JobStore } from './job/job-store.ts';
import type { KnowledgeReader, KnowledgeStore } from './knowledge/knowledge-store.ts';
import type { TurnStore } from './turn/turn-store.ts';
import type { UsageReader } from './usage/usage-store.ts';
import type { Outbox } from './webhook/outbox.ts';
import type { WorkspaceReader, WorkspaceStore } from './workspace/workspace.ts';

/** What can be read at any time, outside a transaction. */
export type Readers = {
  workspaces: WorkspaceReader;
  keys: KeyReader;
  bots: BotReader;
  conversations: ConversationReader;
  knowledge: KnowledgeReader;
  usage: UsageReader;
};

/** What one transaction may read and write. */
export type Writers = {
  workspaces: WorkspaceStore;
  keys: KeyStore;
  bots: BotStore;
  conversations: ConversationStore;
  knowledge: KnowledgeStore;
  idempotency: IdempotencyStore;
  jobs: JobQueue;
  audit: AuditLog;
  outbox: Outbox;
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
  /** The worker's own units on the job table. */
  readonly jobs: JobStore;
  /** Resolves when the store can be read and written; throws storage_unavailable otherwise. */
  check(): Promise<void>;
  close(): Promise<void>;
}
