import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { ConversationFilter } from '../core/conversation/conversation-store.ts';
import type { Page, PageRequest } from '../core/page.ts';
import type { Dialect } from './dialect.ts';
import type { LongReads } from './long-reads.ts';
import { readPage } from './page.ts';
import type { Schema } from './schema.ts';
import type { ConversationsTable } from './tables/conversations.ts';

type Row = Selectable<ConversationsTable>;

type Asked = { workspaceId: string; filter: ConversationFilter; page: PageRequest };

/** A search looks into this many of the newest conversations that its other filters leave … */
const maxSearchedConversations = 5_000;
/** … and there into the latest messages: at worst a million short texts, about five seconds in a thread of its own. */
const maxSearchedMessages = 200;

type Condition = {
  column: 'user_id' | 'bot_id' | 'channel' | 'status';
  value: string | undefined;
  /** The index that serves it and ends in the id; null where it would hold nearly every row. */
  index: string | null;
  /** Of a partial index its own condition, literally: a database does not conclude it from a parameter. */
  only?: RawBuilder<boolean>;
};

/**
 * The filters in force. The first that has an index is read along: a user has few conversations, and few are in the hands
 * of a person; past that, a bot is likely narrower than the rest.
 */
const conditionsOf = ({ userId, botId, channel, status }: ConversationFilter): Condition[] => {
  const byStatus: Condition = {
    column: 'status',
    value: status,
    index: status === 'open' ? null : 'conversations_status',
    ...(status === 'open' ? {} : { only: sql<boolean>`status <> 'open'` }),
  };
  const conditions: Condition[] = [
    { column: 'user_id', value: userId, index: 'conversations_user' },
    { column: 'bot_id', value: botId, index: 'conversations_bot' },
    {
      column: 'channel',
      value: channel,
      index: channel === 'api' ? null : 'conversations_channel',
      ...(channel === 'api' ? {} : { only: sql<boolean>`channel <> 'api'` }),
    },
  ];
  return conditions
    .toSpliced(status === 'human' ? 1 : conditions.length, 0, byStatus)
    .filter(({ value }) => value !== undefined);
};

/** A bot takes its conversations along at once: they are hidden from the moment in which it is marked as deleted. */
export const ofKeptBot = sql<boolean>`not exists (select 1 from bots
  where bots.workspace_id = conversations.workspace_id and bots.id = conversations.bot_id
    and bots.deleted_at is not null)`;

const selectConversations = (
  { db, dialect }: { db: Kysely<Schema>; dialect: Dialect },
  { workspaceId, filter }: Omit<Asked, 'page'>,
) => {
  const conditions = conditionsOf(filter);
  const narrowest = conditions.find((condition) => condition.index !== null)?.index ?? 'conversations_newest';
  const index = filter.userIds ? 'conversations_user' : narrowest;
  let query = db
    .selectFrom(sql<Row>`conversations`.as<'conversations'>(dialect.aliasAlong('conversations', index)))
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('mode', '=', filter.mode)
    .where('deleted_at', 'is', null)
    .where(ofKeptBot);
  for (const { column, value, only } of conditions) {
    query = query.where(column, '=', value as Row[typeof column]);
    if (only) query = query.where(only);
  }
  if (filter.userIds) query = query.where('user_id', 'in', filter.userIds);
  if (filter.botIds && filter.botId === undefined) query = query.where('bot_id', 'in', filter.botIds);
  return query;
};

/** True where one index holds exactly the rows that are asked for, in their order. */
const isAlongIndex = (filter: ConversationFilter): boolean => {
  const conditions = conditionsOf(filter);
  const served = conditions.length === 0 || (conditions.length === 1 && conditions[0]?.index !== null);
  return served && (filter.botIds === null || filter.botId !== undefined);
};

/**
 * One page by filters. Where one index serves them, a page costs the same wherever it lies. Else rows may have to be passed
 * over, so that such a list is read where long reads go.
 */
export const listConversations = async (
  { db, long, dialect }: { db: Kysely<Schema>; long: LongReads; dialect: Dialect },
  asked: Asked,
): Promise<Page<Row>> => {
  const { filter, page } = asked;
  if (isBarred(filter)) return { items: [], hasMore: false };
  const parts = partsOf(filter);
  if (parts) {
    const pages: Page<Row>[] = [];
    // one behind the other: a workspace has one long read at a time, and few that wait
    for (const part of parts) pages.push(await listConversations({ db, long, dialect }, { ...asked, filter: part }));
    return mergePages(pages, page);
  }
  return readPage(
    selectConversations({ db: isAlongIndex(filter) ? db : long(asked.workspaceId), dialect }, asked),
    'id',
    page,
  );
};

/** A list over several users or bots as the lists of each, which have an index; null where it is one already. */
const partsOf = (filter: ConversationFilter): ConversationFilter[] | null => {
  if (filter.userIds) {
    const { userIds, ...others } = filter;
    return userIds.map((userId) => ({ ...others, userId }));
  }
  if (filter.botIds && filter.botId === undefined && filter.userId === undefined) {
    return filter.botIds.map((botId) => ({ ...filter, botId }));
  }
  return null;
};

/** True where the caller may know of no bot that is asked for. */
const isBarred = ({ botId, botIds }: ConversationFilter): boolean =>
  botIds !== null && (botId === undefined ? botIds.length === 0 : !botIds.includes(botId));

/** The page over several lists, each of which gave the same page of its own. */
const mergePages = (pages: readonly Page<Row>[], page: PageRequest): Page<Row> => {
  const rows = pages.flatMap(({ items }) => items).toSorted((one, other) => (one.id < other.id ? 1 : -1));
  const items = page.before === null ? rows.slice(0, page.limit) : rows.slice(-page.limit);
  return { items, hasMore: rows.length > page.limit || pages.some(({ hasMore }) => hasMore) };
};

/** One page of the conversations in which a message holds `text`; bounded as the constants above say. */
export const searchConversations = async (
  { long, dialect }: { long: LongReads; dialect: Dialect },
  { text, ...asked }: Asked & { text: string },
): Promise<Page<Row>> => {
  if (isBarred(asked.filter)) return { items: [], hasMore: false };
  const candidates = selectConversations({ db: long(asked.workspaceId), dialect }, asked);
  const oldest = await candidates
    .clearSelect()
    .select('id')
    .orderBy('id', 'desc')
    .offset(maxSearchedConversations - 1)
    .limit(1)
    .executeTakeFirst();
  const searched = candidates
    .$if(oldest !== undefined, (all) => all.where('id', '>=', oldest?.id ?? ''))
    .where((where) =>
      where.exists(
        where
          .selectFrom((recent) =>
            recent
              .selectFrom('messages')
              .select('messages.text')
              .whereRef('messages.workspace_id', '=', 'conversations.workspace_id')
              .whereRef('messages.conversation_id', '=', 'conversations.id')
              .orderBy('messages.seq', 'desc')
              .limit(maxSearchedMessages)
              .as('recent'),
          )
          .select('recent.text')
          .where(dialect.textContains('recent.text', text)),
      ),
    );
  return readPage(searched, 'id', asked.page);
};
