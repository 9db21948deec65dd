import type { Insertable, Kysely } from 'kysely';
import type { Message } from '../core/conversation/conversation.ts';
import type { ConversationStore } from '../core/conversation/conversation-store.ts';
import { notFound } from '../core/error.ts';
import { cursorGone } from '../core/page.ts';
import type { UserPlace } from '../core/user/user.ts';
import { toConversation } from './conversation-rows.ts';
import { moveCurrentAway, pointCurrentAt } from './current-conversation-sql.ts';
import { markConversationDeleted, purgeConversation } from './delete-conversation-sql.ts';
import { findAwaitedTurn, findAwaitedTurns, holdForAnswer, logReply } from './answer-conversation-sql.ts';
import type { Dialect } from './dialect.ts';
import type { LeaseClock } from './lease-clock.ts';
import { selectKeptMessages } from './kept-messages-sql.ts';
import { listConversations, ofKeptBot, searchConversations } from './list-conversations-sql.ts';
import type { LongReads } from './long-reads.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { MessagesTable } from './tables/messages.ts';
import { packMap, packParts, toMessage } from './turn-rows.ts';

const toMessageRow = (message: Message): Insertable<MessagesTable> => ({
  workspace_id: message.workspaceId,
  conversation_id: message.conversationId,
  seq: message.seq,
  id: message.id,
  turn_id: message.turnId,
  role: message.role,
  ...packParts(message.parts),
  tokens: message.tokens,
  metadata: packMap(message.metadata),
  citations: message.citations.length > 0 ? JSON.stringify(message.citations) : null,
  created_at: message.createdAt,
});

/**
 * `long`: where reads go that may take more than a moment; the same connection unless another is given. What an index
 * serves to the end is read on `db`.
 */
export const conversationStoreSql = (
  db: Kysely<Schema>,
  { dialect, leases }: { dialect: Dialect; leases: LeaseClock },
  long: LongReads = () => db,
): ConversationStore => ({
  async find(workspaceId, conversationId) {
    const row = await findRow(db, workspaceId, conversationId);
    return row ? toConversation(row) : null;
  },

  async botsOfMessages(workspaceId, messageIds) {
    // PostgreSQL knows no empty list
    if (messageIds.length === 0) return new Map();
    const rows = await selectKeptMessages(db, workspaceId, messageIds)
      .select(['messages.id', 'conversations.bot_id'])
      .execute();
    return new Map(rows.map((row) => [row.id, row.bot_id]));
  },

  async list(workspaceId, filter, page) {
    const { items, hasMore } =
      filter.query === undefined
        ? await listConversations({ db, long, dialect }, { workspaceId, filter, page })
        : await searchConversations({ long, dialect }, { workspaceId, filter, page, text: filter.query });
    return { items: items.map(toConversation), hasMore };
  },

  async listMessages(workspaceId, conversationId, page) {
    const cursor = page.before ?? page.after;
    const place = cursor === null ? null : await findPlace(db, { workspaceId, conversationId, messageId: cursor });
    if (place === undefined) throw cursorGone(page, 'message');
    const query = db
      .selectFrom('messages')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('conversation_id', '=', conversationId);
    const { items, hasMore } = await readPage(query, 'seq', {
      limit: page.limit,
      after: page.before === null ? place : null,
      before: page.before === null ? null : place,
    });
    return { items: items.map(toMessage), hasMore };
  },

  findAwaitedTurns: (turns) => findAwaitedTurns(db, turns),

  async findMessage(workspaceId, messageId) {
    const row = await db
      .selectFrom('messages')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', messageId)
      .executeTakeFirst();
    return row ? toMessage(row) : null;
  },

  async insert(conversation, greeting) {
    await db
      .insertInto('conversations')
      .values({
        workspace_id: conversation.workspaceId,
        id: conversation.id,
        bot_id: conversation.botId,
        user_id: conversation.userId,
        channel: conversation.channel,
        mode: conversation.mode,
        status: conversation.status,
        active_turn_id: null,
        next_seq: greeting ? greeting.seq + 1 : 1,
        assignee: conversation.assignee,
        metadata: JSON.stringify(conversation.metadata),
        created_at: conversation.createdAt,
        updated_at: conversation.updatedAt,
        deleted_at: null,
      })
      .execute();
    if (conversation.userId !== null) {
      const { userId } = conversation;
      await insertUser(db, { ...conversation, userId });
      await pointCurrentAt(db, { ...conversation, userId });
    }
    if (greeting) await db.insertInto('messages').values(toMessageRow(greeting)).execute();
  },

  async update(conversation) {
    const { workspaceId, id, status, userId } = conversation;
    const before = await findRow(db, workspaceId, id);
    if (!before) throw notFound('conversation');
    await db
      .updateTable('conversations')
      .set({
        status,
        assignee: conversation.assignee,
        metadata: JSON.stringify(conversation.metadata),
        updated_at: conversation.updatedAt,
      })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .execute();
    if (userId === null || status === before.status) return;
    if (status === 'closed') await moveCurrentAway(db, { ...conversation, userId });
    else if (before.status === 'closed') await pointCurrentAt(db, { ...conversation, userId });
  },

  async appendMessages(workspaceId, conversationId, messages) {
    if (messages.length === 0) return [];
    const latest = messages.reduce((time, message) => Math.max(time, message.createdAt), 0);
    const places = await db
      .updateTable('conversations')
      .set((set) => ({
        next_seq: set('next_seq', '+', messages.length),
        updated_at: set.case().when('updated_at', '<', latest).then(latest).else(set.ref('updated_at')).end(),
      }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', conversationId)
      .where('deleted_at', 'is', null)
      .returning('next_seq')
      .executeTakeFirst();
    if (!places) throw notFound('conversation');
    const first = places.next_seq - messages.length;
    const placed = messages.map((message, at) => ({ ...message, seq: first + at }));
    await db.insertInto('messages').values(placed.map(toMessageRow)).execute();
    return placed;
  },

  async answer(message) {
    const { workspaceId, conversationId, createdAt: at } = message;
    if (!(await holdForAnswer(db, { workspaceId, conversationId, at }))) return null;
    const turn = await findAwaitedTurn(db, { workspaceId, conversationId });
    if (!turn)
      return (await this.appendMessages(workspaceId, conversationId, [{ ...message, turnId: null }]))[0] ?? null;
    const reply: Message = { ...message, turnId: turn.id, seq: turn.seq };
    await db.insertInto('messages').values(toMessageRow(reply)).execute();
    await logReply(db, turn, reply);
    return reply;
  },

  markDeleted: (workspaceId, conversationId, at) =>
    markConversationDeleted(db, { workspaceId, conversationId, at, leases }),
  purge: (workspaceId, conversationId, limit) => purgeConversation(db, { workspaceId, conversationId, limit }),
});

const findRow = (db: Kysely<Schema>, workspaceId: string, conversationId: string) =>
  db
    .selectFrom('conversations')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', conversationId)
    .where('deleted_at', 'is', null)
    .where(ofKeptBot)
    .executeTakeFirst();

/** The places of a conversation begin at 0, with its greeting. */
const beforeAll = -1;

/**
 * The place of a message; that before all others where it was pruned, since what is pruned are the oldest, and ids sort by
 * the time of their making. Undefined where the conversation cannot have had such a message there.
 */
const findPlace = async (
  db: Kysely<Schema>,
  of: { workspaceId: string; conversationId: string; messageId: string },
): Promise<number | undefined> => {
  const row = await db
    .selectFrom('messages')
    .select(['conversation_id', 'seq'])
    .where('workspace_id', '=', of.workspaceId)
    .where('id', '=', of.messageId)
    .executeTakeFirst();
  if (row) return row.conversation_id === of.conversationId ? row.seq : undefined;
  const oldest = await db
    .selectFrom('messages')
    .select('id')
    .where('workspace_id', '=', of.workspaceId)
    .where('conversation_id', '=', of.conversationId)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return oldest && oldest.id < of.messageId ? undefined : beforeAll;
};

/** A user is known from the first conversation on, and is a person of their own until linked to another. */
const insertUser = async (
  db: Kysely<Schema>,
  { workspaceId, mode, userId, createdAt }: UserPlace & { createdAt: number },
): Promise<void> => {
  await db
    .insertInto('users')
    .values({
      workspace_id: workspaceId,
      mode,
      user_id: userId,
      person_id: userId,
      traits: '{}',
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};
