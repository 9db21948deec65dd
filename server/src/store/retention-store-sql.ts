import { type Kysely, sql } from 'kysely';
import type { Retention, RetentionBounds } from '../core/retention/retention.ts';
import type { Overdue, RetentionReader, RetentionStore } from '../core/retention/retention-store.ts';
import type { LongReads } from './long-reads.ts';
import { pruneConversation } from './prune-conversation-sql.ts';
import type { Schema } from './schema.ts';

/** Conversations looked at in one query. */
const conversationsPerLook = 500;

const toRetention = (row: {
  retention_days: number | null;
  max_messages_per_conversation: number | null;
}): Retention => ({
  retentionDays: row.retention_days,
  maxMessagesPerConversation: row.max_messages_per_conversation,
});

/** `long`: where looking through conversations goes. */
export const retentionReaderSql = (db: Kysely<Schema>, long: LongReads): RetentionReader => ({
  find: (workspaceId) => findRetention(db, workspaceId),

  async listWorkspaces(afterId, limit) {
    const rows = await db
      .selectFrom('workspaces')
      .select(['id', 'retention_days', 'max_messages_per_conversation'])
      .where('deleted_at', 'is', null)
      .where((where) =>
        where.or([where('retention_days', 'is not', null), where('max_messages_per_conversation', 'is not', null)]),
      )
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ workspaceId: row.id, retention: toRetention(row) }));
  },

  async listOverdue(workspaceId, bounds, afterId) {
    const rows = await selectLooked(long(workspaceId), { workspaceId, bounds, afterId }).execute();
    const overdue = rows
      .filter((row) => isOverdue(row, bounds))
      .map((row): Overdue => ({
        conversationId: row.id,
        isSilent: isSilent(row, bounds),
      }));
    return { overdue, next: rows.length < conversationsPerLook ? null : (rows.at(-1)?.id ?? null) };
  },
});

export const retentionStoreSql = (db: Kysely<Schema>): RetentionStore => ({
  find: (workspaceId) => findRetention(db, workspaceId),

  async save(workspaceId, { retentionDays, maxMessagesPerConversation }) {
    await db
      .updateTable('workspaces')
      .set({ retention_days: retentionDays, max_messages_per_conversation: maxMessagesPerConversation })
      .where('id', '=', workspaceId)
      .execute();
  },

  prune: (workspaceId, conversationId, of) => pruneConversation(db, { workspaceId, conversationId, ...of }),
});

/** Each conversation with the little that says whether it is overdue, all of it found along keys. */
const selectLooked = (db: Kysely<Schema>, of: { workspaceId: string; bounds: RetentionBounds; afterId: string }) =>
  db
    .selectFrom('conversations')
    .select((select) => {
      const messages = select
        .selectFrom('messages')
        .whereRef('messages.workspace_id', '=', 'conversations.workspace_id')
        .whereRef('messages.conversation_id', '=', 'conversations.id');
      return [
        'conversations.id',
        'conversations.updated_at',
        'conversations.active_turn_id',
        messages.select('messages.seq').orderBy('messages.seq').limit(1).as('first_seq'),
        messages.select('messages.created_at').orderBy('messages.seq').limit(1).as('first_at'),
        // there is one more than may be
        (of.bounds.maxMessages === null
          ? sql<number | null>`null`
          : messages.select('messages.seq').orderBy('messages.seq', 'desc').offset(of.bounds.maxMessages).limit(1)
        ).as('one_too_many'),
        select
          .selectFrom('turns')
          .select('turns.seq_base')
          .whereRef('turns.workspace_id', '=', 'conversations.workspace_id')
          .whereRef('turns.conversation_id', '=', 'conversations.id')
          .orderBy('turns.seq_base')
          .limit(1)
          .as('first_turn'),
      ];
    })
    .where('conversations.workspace_id', '=', of.workspaceId)
    .where('conversations.deleted_at', 'is', null)
    .where('conversations.id', '>', of.afterId)
    .orderBy('conversations.id')
    .limit(conversationsPerLook);

type Looked = {
  updated_at: number;
  active_turn_id: string | null;
  first_seq: number | null;
  first_at: number | null;
  one_too_many: number | null;
  first_turn: number | null;
};

const isSilent = (row: Looked, { before }: RetentionBounds): boolean =>
  before !== null && row.updated_at < before && row.active_turn_id === null;

const isOverdue = (row: Looked, bounds: RetentionBounds): boolean =>
  isSilent(row, bounds) ||
  (bounds.before !== null && row.first_at !== null && row.first_at < bounds.before) ||
  row.one_too_many !== null ||
  // a turn whose messages are gone, which was too young to go with them
  (row.first_turn !== null && (row.first_seq === null || row.first_turn < row.first_seq));

const findRetention = async (db: Kysely<Schema>, workspaceId: string): Promise<Retention> => {
  const row = await db
    .selectFrom('workspaces')
    .select(['retention_days', 'max_messages_per_conversation'])
    .where('id', '=', workspaceId)
    .executeTakeFirst();
  return row ? toRetention(row) : { retentionDays: null, maxMessagesPerConversation: null };
};
