import { findOpenSeat } from './answer-conversation-sql.ts';
import type { Kysely, Selectable } from 'kysely';
import type { ConversationMemory, Watermark } from '../core/memory/conversation-memory.ts';
import type { MemoryStore } from '../core/memory/memory-store.ts';
import { dayAt } from '../core/usage/period.ts';
import type { Schema } from './schema.ts';
import type { ConversationMemoriesTable } from './tables/conversation-memories.ts';
import { userFactsSql } from './user-facts-sql.ts';

const columnOf = {
  packedSeq: 'packed_seq',
  summarySeq: 'summary_seq',
  factsSeq: 'facts_seq',
} as const satisfies Record<Watermark, keyof ConversationMemoriesTable>;

export const memoryStoreSql = (db: Kysely<Schema>): MemoryStore => ({
  ...userFactsSql(db),

  find: (workspaceId, conversationId) => findMemory(db, { workspaceId, conversationId }),

  async listMoved({ after, until, limit }) {
    const rows = await db
      .selectFrom('turn_records')
      .innerJoin('turns', (join) =>
        join
          .onRef('turns.workspace_id', '=', 'turn_records.workspace_id')
          .onRef('turns.id', '=', 'turn_records.turn_id'),
      )
      .innerJoin('conversations', (join) =>
        join
          .onRef('conversations.workspace_id', '=', 'turns.workspace_id')
          .onRef('conversations.id', '=', 'turns.conversation_id'),
      )
      .leftJoin('conversation_memories', (join) =>
        join
          .onRef('conversation_memories.workspace_id', '=', 'turns.workspace_id')
          .onRef('conversation_memories.conversation_id', '=', 'turns.conversation_id'),
      )
      .select([
        'turn_records.ended_at',
        'turns.workspace_id',
        'turns.conversation_id',
        'turns.seq_base',
        'conversations.bot_id',
        'conversations.user_id',
        'conversations.next_seq',
        'conversation_memories.summary_seq',
        'conversation_memories.facts_seq',
      ])
      .where('turn_records.log', 'is not', null)
      .where('turn_records.ended_at', '>', after)
      .where('turn_records.ended_at', '<=', until)
      .where('conversations.deleted_at', 'is', null)
      .orderBy('turn_records.ended_at')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      workspaceId: row.workspace_id,
      conversationId: row.conversation_id,
      botId: row.bot_id,
      userId: row.user_id,
      endedAt: row.ended_at,
      seqBase: row.seq_base,
      nextSeq: row.next_seq,
      summarySeq: row.summary_seq ?? 0,
      factsSeq: row.facts_seq ?? 0,
    }));
  },

  async settledBefore(workspaceId, conversationId) {
    const row = await db
      .selectFrom('conversations')
      .leftJoin('turns', (join) =>
        join
          .onRef('turns.workspace_id', '=', 'conversations.workspace_id')
          .onRef('turns.id', '=', 'conversations.active_turn_id'),
      )
      .select(['conversations.next_seq', 'turns.seq_base'])
      .where('conversations.workspace_id', '=', workspaceId)
      .where('conversations.id', '=', conversationId)
      .where('conversations.deleted_at', 'is', null)
      .executeTakeFirst();
    if (!row) return 0;
    return row.seq_base ?? (await findOpenSeat(db, { workspaceId, conversationId })) ?? row.next_seq;
  },

  async listMessages(workspaceId, conversationId, { after, before, limit, role }) {
    const rows = await db
      .selectFrom('messages')
      .select(['seq', 'id', 'role', 'text', 'tokens', 'created_at'])
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', conversationId)
      .where('seq', '>', after)
      .where('seq', '<', before)
      .$if(role !== undefined, (all) => all.where('role', '=', role!))
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows.map(({ created_at: createdAt, ...message }) => ({ ...message, createdAt }));
  },

  listNewest: (workspaceId, conversationId, { before, limit }) =>
    db
      .selectFrom('messages')
      .select(['seq', 'tokens'])
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', conversationId)
      .where('seq', '<', before)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute(),

  async open(workspaceId, conversationId, at) {
    const place = { workspaceId, conversationId };
    if (!(await isKept(db, place))) return null;
    await db
      .insertInto('conversation_memories')
      .values({
        workspace_id: workspaceId,
        conversation_id: conversationId,
        revision: 0,
        packed_seq: 0,
        summary_seq: 0,
        facts_seq: 0,
        summary: null,
        summary_tokens: 0,
        summary_model: null,
        updated_at: at,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return findMemory(db, place);
  },

  async advance(workspaceId, conversationId, { watermark, from, revision, to, summary, at }) {
    if (!(await isKept(db, { workspaceId, conversationId }))) return false;
    const column = columnOf[watermark];
    const { numUpdatedRows } = await db
      .updateTable('conversation_memories')
      .set({
        [column]: to,
        updated_at: at,
        ...(summary && { summary: summary.text, summary_tokens: summary.tokens, summary_model: summary.model }),
      })
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', conversationId)
      .where('revision', '=', revision)
      .where(column, '=', from)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  async addUsage({ conversation, inputTokens, outputTokens, at }) {
    if (!(await isWorkspaceKept(db, conversation.workspaceId))) return;
    await db
      .insertInto('usage_daily')
      .values({
        workspace_id: conversation.workspaceId,
        mode: conversation.mode,
        day: dayAt(at),
        bot_id: conversation.botId,
        channel: conversation.channel,
        turns: 0,
        messages: 0,
        input_tokens: 0,
        output_tokens: 0,
        memory_input_tokens: inputTokens,
        memory_output_tokens: outputTokens,
      })
      .onConflict((conflict) =>
        conflict.columns(['workspace_id', 'mode', 'day', 'bot_id', 'channel']).doUpdateSet((set) => ({
          memory_input_tokens: set('usage_daily.memory_input_tokens', '+', inputTokens),
          memory_output_tokens: set('usage_daily.memory_output_tokens', '+', outputTokens),
        })),
      )
      .execute();
  },

  dropSummary: (workspaceId, conversationId, at) => dropSummary(db, { workspaceId, conversationId, at }),
});

type Place = { workspaceId: string; conversationId: string };

/** A model may answer long after its workspace was deleted, and what is written then nobody would delete. */
const isWorkspaceKept = async (db: Kysely<Schema>, workspaceId: string): Promise<boolean> => {
  const row = await db
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
};

/** Whoever deletes the conversation meets this read: on PostgreSQL one of the two is done again. */
const isKept = async (db: Kysely<Schema>, { workspaceId, conversationId }: Place): Promise<boolean> => {
  const row = await db
    .selectFrom('conversations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
};

const findMemory = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId }: Place,
): Promise<ConversationMemory | null> => {
  const row = await db
    .selectFrom('conversation_memories')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return row ? toMemory(row) : null;
};

/**
 * Forgets the summary, since messages that it may speak of are gone or nobody wants it; a summary that is under way is not
 * kept either. What follows is made from the messages that are left.
 */
export const dropSummary = async (
  db: Kysely<Schema>,
  { workspaceId, conversationId, at }: Place & { at: number },
): Promise<void> => {
  await db
    .updateTable('conversation_memories')
    .set((set) => ({
      revision: set('revision', '+', 1),
      summary_seq: 0,
      summary: null,
      summary_tokens: 0,
      summary_model: null,
      updated_at: at,
    }))
    .where('workspace_id', '=', workspaceId)
    .where('conversation_id', '=', conversationId)
    .execute();
};

const toMemory = (row: Selectable<ConversationMemoriesTable>): ConversationMemory => ({
  workspaceId: row.workspace_id,
  conversationId: row.conversation_id,
  revision: row.revision,
  packedSeq: row.packed_seq,
  summarySeq: row.summary_seq,
  factsSeq: row.facts_seq,
  summary: row.summary,
  summaryTokens: row.summary_tokens,
  summaryModel: row.summary_model,
  updatedAt: row.updated_at,
});
