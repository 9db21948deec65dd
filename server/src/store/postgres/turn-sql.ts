import { acceptTurnsSql } from './accept-turns-sql.ts';
import { finishTurnsSql } from './finish-turns-sql.ts';
import { leaseNow, leaseUntil } from './lease-clock.ts';

/**
 * The statements on a turn's path, as PostgreSQL prepares them. The common cases are `acceptTurns` and `finishTurns`, one
 * function each; the small ones are for what those leave: the line of a conversation, first messages of a period, keys
 * that were used before. They lock in the same order: conversation, turn, counters outermost first, key.
 */

const turnColumnNames = `workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at`;

const turnColumns = turnColumnNames
  .split(',')
  .map((name) => `turns.${name.trim()}`)
  .join(', ');

/** What a model needs of a message; see `turn-message-rows.ts`. */
const messageValues = `seq, turn_id, role, text, tokens`;

/** What accepting a message needs of its conversation. */
const conversationColumns = `conversations.id, conversations.bot_id, conversations.user_id, conversations.mode,
  conversations.status, conversations.active_turn_id, conversations.next_seq`;

/** What the charge of so many messages has reached, null for neither; where the two are the same it is the limit. */
const reachedBy = (charged: string): string =>
  `case when used >= hard_limit and used - ${charged} < hard_limit then 'limit'
      when used >= warn_at and used - ${charged} < warn_at then 'warn_at' end as reached`;

export const turnSql = {
  acceptTurns: acceptTurnsSql,
  finishTurns: finishTurnsSql,

  findKey: `select fingerprint, subject_id, expires_at from idempotency_keys
    where workspace_id = $1 and principal = $2 and route = $3 and key = $4`,
  /** Takes the place of an expired one, and of one whose turn is gone ($9); waits for whoever inserts the same. */
  insertKey: `insert into idempotency_keys
    (workspace_id, principal, route, key, fingerprint, subject_id, expires_at, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, 0)
    on conflict (workspace_id, principal, route, key) do update set fingerprint = excluded.fingerprint,
      subject_id = excluded.subject_id, expires_at = excluded.expires_at
    where idempotency_keys.expires_at <= $8 or idempotency_keys.subject_id = $9`,

  isBotKept: `select 1 as kept from bots where workspace_id = $1 and id = $2 and deleted_at is null for share`,
  holdConversation: `select ${conversationColumns} from conversations
    where workspace_id = $1 and id = $2 and deleted_at is null for update`,
  findCurrentConversation: `select conversation_id from current_conversations
    where workspace_id = $1 and bot_id = $2 and user_id = $3 and mode = $4`,
  isSamePerson: `select 1 as same from users one join users other
      on other.workspace_id = one.workspace_id and other.mode = one.mode and other.person_id = one.person_id
    where one.workspace_id = $1 and one.mode = $2 and one.user_id = $3 and other.user_id = $4`,
  insertConversation: `insert into conversations
    (workspace_id, id, bot_id, user_id, channel, mode, status, next_seq, metadata, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, 'open', $7, '{}', $8, $8)`,
  /** Holds the user's row where there is one, so that who links them at the same time waits. */
  insertUser: `insert into users (workspace_id, mode, user_id, person_id, traits, created_at)
    values ($1, $2, $3, $3, '{}', $4)
    on conflict (workspace_id, mode, user_id) do update set created_at = users.created_at`,
  /** Changes no row where another conversation than $6 became the user's current one meanwhile. */
  claimCurrentConversation: `insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
    values ($1, $2, $3, $4, $5)
    on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id
    where current_conversations.conversation_id = $6`,
  /** For the user, and for everybody they are linked to. */
  setCurrentOfPerson: `insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
    select $1, $2, identity.user_id, $4, $5 from (
      select user_id from users where workspace_id = $1 and mode = $4 and user_id = $3
      union select linked.user_id from users one join users linked
        on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
          and linked.person_id <> linked.user_id
        where one.workspace_id = $1 and one.mode = $4 and one.user_id = $3
    ) identity order by identity.user_id
    on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id`,
  /** Makes the turn the active one where none is, and gives its block of places away. */
  takeConversation: `update conversations set active_turn_id = coalesce(active_turn_id, $1), next_seq = next_seq + $2,
      updated_at = $3, status = case status when 'closed' then 'open' else status end
    where workspace_id = $4 and id = $5`,
  listWaiting: `select ${turnColumns} from turns
    where workspace_id = $1 and conversation_id = $2 and status = 'queued'
      and seq_base > (select active.seq_base from turns active where active.workspace_id = $1 and active.id = $3)
    order by seq_base limit $4`,
  listAllWaiting: `select ${turnColumns} from turns where status = 'queued' limit $1`,

  insertMessage: `insert into messages
    (workspace_id, conversation_id, seq, id, turn_id, role, text, parts, tokens, metadata, citations, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
  /** By places. */
  listMessages: `select seq, id, text from messages where workspace_id = $1 and conversation_id = $2
    and seq = any ($3::bigint[])`,
  listTurnMessages: `select ${messageValues} from messages
    where workspace_id = $1 and conversation_id = $2 and seq >= $3 and seq < $4 order by seq`,
  /** Of messages between two places. */
  sumTokens: `select coalesce(sum(tokens), 0) as tokens from messages
    where workspace_id = $1 and conversation_id = $2 and seq >= $3 and seq < $4`,
  /** The latest messages before a place, newest first. */
  listHistory: `select ${messageValues} from messages
    where workspace_id = $1 and conversation_id = $2 and seq < $3 order by seq desc limit $4`,

  /** Of the user, and of everybody they are linked to, as far as there is something. */
  findKnown: `select traits, facts from users
      where workspace_id = $1 and mode = $2 and user_id = $3 and (facts is not null or traits <> '{}')
    union all
    select linked.traits, linked.facts from users one join users linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id and linked.user_id <> one.user_id
      where one.workspace_id = $1 and one.mode = $2 and one.user_id = $3 and one.person_id <> one.user_id`,
  findSummary: `select summary, summary_tokens from conversation_memories
    where workspace_id = $1 and conversation_id = $2 and summary is not null`,

  insertTurn: `insert into turns
    (workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status, seq_base, owner,
     lease_until, period_start, quota_owners, context, created_at, started_at,
     message_count, attempt, fence, charged, input_tokens, output_tokens)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, ${leaseUntil('$13::bigint')}, $14, $15, $16, $17, $18,
      1, 1, 1, 0, 0, 0)`,
  addToTurn: `update turns set message_count = message_count + 1, context = $1 where workspace_id = $2 and id = $3`,
  findTurn: `select ${turnColumns} from turns where workspace_id = $1 and id = $2`,
  /** A turn of a conversation that was not deleted, with the message on the last of its places as JSON. */
  findTurnWithReply: `select ${turnColumns}, row_to_json(reply) as reply from turns
      join conversations on conversations.workspace_id = turns.workspace_id
        and conversations.id = turns.conversation_id and conversations.deleted_at is null
        and not exists (select 1 from bots where bots.workspace_id = conversations.workspace_id
          and bots.id = conversations.bot_id and bots.deleted_at is not null)
      left join messages reply on reply.workspace_id = turns.workspace_id
        and reply.conversation_id = turns.conversation_id and reply.seq = turns.seq_base + $3
        and turns.status not in ('queued', 'running')
    where turns.workspace_id = $1 and turns.id = $2`,
  /** An interrupt does not weaken a cancel that came before. */
  requestStop: `update turns set stop_request = coalesce(stop_request, $1)
    where workspace_id = $2 and id = $3 and status = 'running'`,

  insertPeriod: `insert into quota_periods (workspace_id, owner_id, period_start, period_end, reserved, used)
    values ($1, $2, $3, $4, 0, 0) on conflict do nothing`,
  findPeriod: `select used, reserved from quota_periods
    where workspace_id = $1 and owner_id = $2 and period_start = $3`,
  /** The limits stay in the row, so that whoever settles knows what is crossed. */
  reserve: `update quota_periods set reserved = reserved + 1, hard_limit = $4, warn_at = $5
    where workspace_id = $1 and owner_id = $2 and period_start = $3
      and ($4::bigint is null or used + reserved < $4)
    returning used, reserved`,
  /** Changes no row where the turn holds a reservation already. */
  setOwners: `update turns set quota_owners = $1
    where workspace_id = $2 and id = $3 and fence = $4 and status = 'running' and quota_owners is null`,
  findOwners: `select quota_owners from turns
    where workspace_id = $1 and id = $2 and fence = $3 and status = 'running'`,
  /** Changes no row where nothing is reserved, so that a turn takes no more back than there is. */
  settle: `update quota_periods set reserved = reserved - 1, used = used + $4
    where workspace_id = $1 and owner_id = $2 and period_start = $3 and reserved > 0
    returning ${reachedBy('$4')}`,
  chargeUnreserved: `update quota_periods set used = used + $4
    where workspace_id = $1 and owner_id = $2 and period_start = $3
    returning ${reachedBy('$4')}`,
  insertCharge: `insert into quota_ledger
    (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  addUsage: `insert into usage_daily
    (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
    values ($1, $2, $3, $4, $5, 1, $6, $7, $8)
    on conflict (workspace_id, mode, day, bot_id, channel) do update set turns = usage_daily.turns + 1,
      messages = usage_daily.messages + excluded.messages,
      input_tokens = usage_daily.input_tokens + excluded.input_tokens,
      output_tokens = usage_daily.output_tokens + excluded.output_tokens`,

  /** Nobody joins or leaves the line of a conversation whose row another holds. */
  holdLine: `select 1 as held from conversations where workspace_id = $1 and id = $2 for update`,
  endTurn: `update turns set status = $1, finish_reason = $2, error_code = $3, model = $4, input_tokens = $5,
      output_tokens = $6, charged = $7, completed_at = $8, partial_text = null, owner = null, lease_until = null,
      stop_request = null
    where workspace_id = $9 and id = $10 and fence = $11 and status = 'running'`,
  findNextWaiting: `select id from turns where workspace_id = $1 and conversation_id = $2 and status = 'queued'
    and seq_base > $3 order by seq_base limit 1`,
  /** Gives the conversation from a turn to the next, or to none. */
  passConversation: `update conversations set updated_at = $1, active_turn_id = $2
    where workspace_id = $3 and id = $4 and active_turn_id = $5`,
  insertRecord: `insert into turn_records (workspace_id, turn_id, receipt, log, ended_at) values ($1, $2, $3, $4, $5)
    on conflict (workspace_id, turn_id) do update set receipt = coalesce(excluded.receipt, turn_records.receipt),
      log = excluded.log, ended_at = excluded.ended_at`,
  findCharge: `select messages from quota_ledger
    where workspace_id = $1 and owner_id = $2 and id >= $3 and turn_id = $4 limit 1`,
  findRecord: `select receipt, log from turn_records where workspace_id = $1 and turn_id = $2`,
  /** Written only where somebody listens: the outbox of a workspace without endpoints stays empty. */
  insertEvent: `insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
    select $1, $2, $3, $4, 0, ${leaseUntil('$6::bigint')}, $5
    where exists (select from webhook_endpoints where workspace_id = $1 and status = 'enabled')
    returning available_at`,
  startTurn: `update turns set status = 'running', owner = $1, lease_until = ${leaseUntil('$2::bigint')}, started_at = $3,
      fence = fence + 1
    where workspace_id = $4 and id = $5 and status = 'queued' returning ${turnColumns}`,

  /** The text with the receipt of its attempt, and with its log, where they are to be stored. */
  keepPartial: `with kept as (
      update turns set partial_text = $1, lease_until = ${leaseUntil('$2::bigint')}
      where workspace_id = $3 and id = $4 and fence = $5 and status = 'running' returning 1
    ), noted as (
      insert into turn_records (workspace_id, turn_id, receipt, log, ended_at)
      select $3, $4, $6, $8, $7 from kept where $6::text is not null or $8::text is not null
      on conflict (workspace_id, turn_id) do update set receipt = coalesce(excluded.receipt, turn_records.receipt),
        log = excluded.log
    )
    select 1 as kept from kept`,
  /** How far turns have come, given as a JSON list; text and log only where the log is longer than what is known of it. */
  findProgress: `select turns.id, turns.status, turns.attempt,
      case when record.grown then turns.partial_text end as text, case when record.grown then record.log end as log
    from json_to_recordset($1::json) as asked (workspace_id text, id text, known bigint)
      cross join lateral (
        select * from turns where workspace_id = asked.workspace_id and id = asked.id limit 1
      ) turns
      join conversations on conversations.workspace_id = turns.workspace_id
        and conversations.id = turns.conversation_id and conversations.deleted_at is null
      left join lateral (
        select log, length(log) <> asked.known as grown from turn_records
        where workspace_id = turns.workspace_id and turn_id = turns.id
        limit 1
      ) record on turns.status = 'running'`,
  /** Of turns given as a JSON list; in the order of their ids, as everybody locks several. */
  renew: `with held as materialized (
      select turns.workspace_id, turns.id
      from json_to_recordset($2::json) as asked (workspace_id text, id text, fence bigint) join turns
        on turns.workspace_id = asked.workspace_id and turns.id = asked.id and turns.fence = asked.fence
          and turns.status = 'running'
      order by turns.workspace_id, turns.id for update of turns
    )
    update turns set lease_until = ${leaseUntil('$1::bigint')} from held
    where turns.workspace_id = held.workspace_id and turns.id = held.id
    returning turns.id, turns.stop_request`,
  cancelWaiting: `update turns set status = 'cancelled', finish_reason = 'cancelled', completed_at = $1,
      fence = fence + 1
    where workspace_id = $2 and id = $3 and status = 'queued' returning ${turnColumns}`,

  /** Running turns whose owner is gone; passes over those that another process takes right now. */
  takeTurns: `with abandoned as materialized (
      select ctid as tuple_id, owner is null as released from turns
      where status = 'running' and (lease_until < ${leaseNow} or ($1 and owner <> $2)) and id <> all ($5::text[])
      limit $3 for update skip locked
    )
    update turns set owner = $2, lease_until = ${leaseUntil('$4::bigint')}, attempt = attempt + 1,
      fence = fence + 1
    from abandoned where turns.ctid = abandoned.tuple_id
    returning ${turnColumns}, turns.partial_text, turns.stop_request, abandoned.released`,
  /** Of turns given as a JSON list; in the order of their ids, as everybody locks several. */
  release: `with held as materialized (
      select turns.workspace_id, turns.id
      from json_to_recordset($1::json) as asked (workspace_id text, id text, fence bigint) join turns
        on turns.workspace_id = asked.workspace_id and turns.id = asked.id and turns.fence = asked.fence
          and turns.status = 'running'
      order by turns.workspace_id, turns.id for update of turns
    )
    update turns set owner = null, lease_until = 0, fence = turns.fence + 1 from held
    where turns.workspace_id = held.workspace_id and turns.id = held.id`,
  /** Waiting turns that hold their conversation but were never started. */
  startTurns: `with abandoned as materialized (
      select turns.ctid as tuple_id from turns cross join lateral (
        select id from conversations where workspace_id = turns.workspace_id and id = turns.conversation_id
          and active_turn_id = turns.id
        limit 1
      ) conversation
      where turns.status = 'queued' limit $4 for update of turns skip locked
    )
    update turns set status = 'running', owner = $1, lease_until = ${leaseUntil('$2::bigint')}, started_at = $3,
      fence = fence + 1
    where ctid = any (array(select tuple_id from abandoned))
    returning ${turnColumns}`,
  conversationStatus: `select status from conversations where workspace_id = $1 and id = $2`,

  pruneLogs: `with expired as materialized (
      select ctid as tuple_id from turn_records where log is not null and ended_at < $1
      order by ended_at limit $2 for update skip locked
    )
    update turn_records set log = null where ctid = any (array(select tuple_id from expired))`,
} as const;
