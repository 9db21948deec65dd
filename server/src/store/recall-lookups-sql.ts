import { type Kysely, type RawBuilder, sql } from 'kysely';
import {
  maxListed,
  type MessagePlace,
  type RecallConversation,
  type RecalledText,
  type RecallReader,
  type UnpackedRange,
} from '../core/recall/recall-store.ts';
import type { MessageRole } from '../core/conversation/conversation.ts';
import { type NamedQuery, namedQuery } from './named-query.ts';
import type { Schema } from './schema.ts';

/**
 * The queries of recall on a turn's path. Each is compiled once, for a few lengths of its list; a shorter list is filled
 * up with what stands nowhere.
 */
const listLengths = [1, 4, 16, 64, 128, maxListed] as const;

/** Of an unpacked message the rest is not searched. */
const readCharacters = 4_000;

type SegmentRow = { conversation_id: string; first_seq: number; last_seq: number; packed: Uint8Array };
type MessageRow = {
  conversation_id: string;
  seq: number;
  id: string;
  role: MessageRole;
  text: string;
  tokens: number;
  created_at: number;
};

export const recallLookupsSql = (db: Kysely<Schema>): Omit<RecallReader, 'textsById'> => {
  const queries = new Map<string, NamedQuery>();
  const read = async <Row>(name: string, build: () => RawBuilder<Row>, parameters: readonly unknown[]) => {
    let query = queries.get(name);
    if (!query) queries.set(name, (query = namedQuery(`recall ${name}`, build().compile(db))));
    return (await db.executeQuery<Row>({ ...(query as NamedQuery<Row>), parameters })).rows;
  };
  const readList = <Row>(name: string, build: (length: number) => RawBuilder<Row>, of: ListParameters) => {
    const { items, empty, before, behind } = of;
    const length = listLengths.find((size) => size >= items.length);
    if (length === undefined) throw new RangeError(`a list of ${items.length} is too long`);
    const filled = [...items, ...Array.from({ length: length - items.length }, () => empty)].flat();
    return read(`${name} ${length}`, () => build(length), [...before, ...filled, ...behind]);
  };
  return {
    async conversations(owner, limit) {
      if ('conversationId' in owner) {
        return (await read('conversation', selectOne, [owner.workspaceId, owner.conversationId])).map(toConversation);
      }
      const { workspaceId, botId, mode, userId } = owner;
      const place = [workspaceId, mode, userId];
      const own = await read('conversations', selectOfUser, [...place, ...place, botId, limit]);
      if (own[0] && !own[0].is_linked) return own.map(toConversation);
      const ofAll = await read('of person', selectOfPerson, [userId, ...place, workspaceId, mode, botId, limit]);
      return ofAll.map(toConversation);
    },

    async segments(workspaceId, conversationIds, limit) {
      const items = conversationIds.map((id) => [id]);
      const rows = await readList('segments', selectSegments, {
        items,
        empty: [''],
        before: [workspaceId],
        behind: [limit],
      });
      return rows.map((row) => ({
        conversationId: row.conversation_id,
        firstSeq: row.first_seq,
        lastSeq: row.last_seq,
        packed: row.packed,
      }));
    },

    async unpacked(workspaceId, ranges, limit) {
      const items = ranges.map(({ conversationId, after, before }: UnpackedRange) => [conversationId, after, before]);
      const rows = await readList('unpacked', selectUnpacked, {
        items,
        empty: ['', 0, 0],
        before: [],
        behind: [workspaceId, limit],
      });
      return rows.map(({ conversation_id: conversationId, seq, role, text, tokens, created_at: createdAt }) => ({
        conversationId,
        seq,
        role,
        text,
        tokens,
        createdAt,
      }));
    },

    async texts(workspaceId, places) {
      const items = places.map(({ conversationId, seq }: MessagePlace) => [conversationId, seq]);
      const rows = await readList('texts', selectTexts, {
        items,
        empty: ['', 0],
        before: [],
        behind: [workspaceId],
      });
      return rows.map(
        ({ conversation_id: conversationId, seq, id, role, text, created_at: createdAt }): RecalledText => ({
          conversationId,
          seq,
          id,
          role,
          text,
          createdAt,
        }),
      );
    },
  };
};

/** Those for lists of a length, as they are prepared. */
export const recallLookupTexts = (db: Kysely<Schema>, length: number): Readonly<Record<string, string>> => ({
  recall_conversation: selectOne().compile(db).sql,
  recall_conversations: selectOfUser().compile(db).sql,
  recall_conversations_of_person: selectOfPerson().compile(db).sql,
  recall_segments: selectSegments(length).compile(db).sql,
  recall_unpacked: selectUnpacked(length).compile(db).sql,
  recall_texts: selectTexts(length).compile(db).sql,
});

/** A list of tuples with what fills it up, and the parameters around it. */
type ListParameters = {
  items: readonly (readonly unknown[])[];
  empty: readonly unknown[];
  before: readonly unknown[];
  behind: readonly unknown[];
};

type ConversationRow = {
  id: string;
  next_seq: number;
  is_settled: number | boolean;
  packed_seq: number | null;
  revision: number | null;
};

const toConversation = (row: ConversationRow): RecallConversation => ({
  id: row.id,
  nextSeq: row.next_seq,
  isSettled: Boolean(row.is_settled),
  packedSeq: row.packed_seq ?? 0,
  revision: row.revision ?? 0,
});

const hole = sql`${null}`;
/** A bare parameter in this place has SQLite plan the statement anew at every use. */
const limitHole = sql`cast(${null} as bigint)`;

/** A turn keeps places for what it may yet say, and the latest one that waited for a person the place of their reply. */
const columns = sql`conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled`;

const memoryJoin = sql`left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id`;

const selectOne = () => sql<ConversationRow>`
  select ${columns} from conversations ${memoryJoin}
  where conversations.workspace_id = ${hole} and conversations.id = ${hole} and conversations.deleted_at is null`;

/** Most users are linked to nobody: their own conversations are found in an eighth of the time. */
const selectOfUser = () => sql<ConversationRow & { is_linked: number | boolean }>`
  select ${columns},
    exists (select 1 from users as one where one.workspace_id = ${hole} and one.mode = ${hole} and one.user_id = ${hole}
      and one.person_id <> one.user_id) as is_linked
  from conversations ${memoryJoin}
  where conversations.workspace_id = ${hole} and conversations.mode = ${hole} and conversations.user_id = ${hole}
    and conversations.bot_id = ${hole} and conversations.deleted_at is null
  order by conversations.id desc limit ${limitHole}`;

/** `cross join` says to SQLite in which order to go; elsewhere it is a join like any other. */
const selectOfPerson = () => sql<ConversationRow>`
  select ${columns}
  from (
    select cast(${hole} as text) as user_id
    union
    select linked.user_id from users as one join users as linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id
      where one.workspace_id = ${hole} and one.mode = ${hole} and one.user_id = ${hole}
        and one.person_id <> one.user_id
  ) as person
  cross join conversations ${memoryJoin}
  where conversations.user_id = person.user_id and conversations.workspace_id = ${hole}
    and conversations.mode = ${hole} and conversations.bot_id = ${hole} and conversations.deleted_at is null
  order by conversations.id desc limit ${limitHole}`;

const listOf = (length: number, item: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql.join(Array.from({ length }, () => item));

const selectSegments = (length: number) => sql<SegmentRow>`
  select conversation_id, first_seq, last_seq, packed from recall_segments
  where workspace_id = ${hole} and conversation_id in (${listOf(length, hole)})
  order by conversation_id desc, first_seq desc limit ${limitHole}`;

const range = sql`(cast(${hole} as text), cast(${hole} as bigint), cast(${hole} as bigint))`;
const place = sql`(cast(${hole} as text), cast(${hole} as bigint))`;

/** Columns of `values` are called by their numbers on every database. */
const selectUnpacked = (length: number) => sql<MessageRow>`
  select messages.conversation_id, messages.seq, messages.id, messages.role,
    substr(messages.text, 1, ${sql.lit(readCharacters)}) as text, messages.tokens, messages.created_at
  from (values ${listOf(length, range)}) as listed cross join messages
  where messages.workspace_id = ${hole} and messages.conversation_id = listed.column1
    and messages.seq > listed.column2 and messages.seq < listed.column3
  order by messages.conversation_id desc, messages.seq desc limit ${limitHole}`;

const selectTexts = (length: number) => sql<MessageRow>`
  select messages.conversation_id, messages.seq, messages.id, messages.role, messages.text, messages.tokens,
    messages.created_at
  from (values ${listOf(length, place)}) as listed cross join messages
  where messages.workspace_id = ${hole} and messages.conversation_id = listed.column1
    and messages.seq = listed.column2`;
