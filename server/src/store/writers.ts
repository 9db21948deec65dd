import type { Kysely } from 'kysely';
import type { Readers, Writers } from '../core/store.ts';
import { auditLogSql } from './audit-log-sql.ts';
import { botStoreSql } from './bot-store-sql.ts';
import { conversationStoreSql } from './conversation-store-sql.ts';
import type { Dialect } from './dialect.ts';
import { idempotencyStoreSql } from './idempotency-store-sql.ts';
import { installationSettingsSql } from './installation-settings-sql.ts';
import { jobQueueSql } from './job-store-sql.ts';
import { keyStoreSql } from './key-store-sql.ts';
import { knowledgeStoreSql } from './knowledge-store-sql.ts';
import { outboxSql } from './outbox-sql.ts';
import type { Schema } from './schema.ts';
import { usageStoreSql } from './usage-store-sql.ts';
import { workspaceStoreSql } from './workspace-store-sql.ts';

/** Connections that cannot write. */
type ReadingConnections = {
  /** For what is read on a turn's path. */
  quick: Kysely<Schema>;
  /** Shows only what no power cut can take back. */
  durable: Kysely<Schema>;
  /** As `durable`, for what may take long. */
  long: Kysely<Schema>;
};

export const readersOver = ({ quick, durable, long }: ReadingConnections, dialect: Dialect): Readers => ({
  workspaces: workspaceStoreSql(quick),
  keys: keyStoreSql(quick),
  bots: botStoreSql(quick),
  conversations: conversationStoreSql(durable, dialect, long),
  knowledge: knowledgeStoreSql(quick),
  usage: usageStoreSql(durable, long),
});

/** Every part over one transaction; `effects` collects what is to run once it is durable. */
export const writersOver = (db: Kysely<Schema>, dialect: Dialect, effects: (() => void)[]): Writers => ({
  workspaces: workspaceStoreSql(db),
  keys: keyStoreSql(db),
  bots: botStoreSql(db),
  conversations: conversationStoreSql(db, dialect),
  knowledge: knowledgeStoreSql(db),
  idempotency: idempotencyStoreSql(db),
  jobs: jobQueueSql(db),
  audit: auditLogSql(db),
  outbox: outboxSql(db),
  settings: installationSettingsSql(db),
  afterCommit: (effect) => {
    effects.push(effect);
  },
});
