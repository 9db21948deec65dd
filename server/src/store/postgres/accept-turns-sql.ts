import { turnSeats } from '../../core/conversation/conversation.ts';
import { leaseUntil } from './lease-until.ts';

/**
 * T1 of many messages of one workspace as one statement. Parameters: the workspace, the messages (`unit`) and their shares
 * of the quota (`share`), each a JSON list.
 *
 * All parts of a statement see one snapshot and none of each other's writes, so it locks first (conversations by id, then
 * counters outermost first), decides, and writes only for what it granted. A row that changed since the snapshot drops out
 * under its lock, since what hangs on it (history, the line) would be seen as it was. So does a conversation that somebody
 * else holds, for which its neighbours here need not wait.
 *
 * For what is not granted nothing is written. Where a write that was decided upon meets another's after all (the same
 * Idempotency-Key, the first conversation of one user), the division by zero at the end undoes everything, and each message
 * is accepted alone.
 *
 * Whatever the planner believes of a workspace's size, rows are found by their whole key: a lateral part with a lock or a
 * limit is asked once for each row before it, `= any (array(…))` bounds what an update looks at, and a row that was locked
 * is changed by its place in the table (a changed row has another, which the check at the end finds).
 *
 * Parts that change rows run in an order of PostgreSQL's choosing, but where one reads another. Those that may wait for
 * somebody else's rows (counters, keys, users, current conversations) read the one before them for that alone.
 */
export const acceptTurnsSql = `with unit as materialized (
  select * from json_to_recordset($2::json) as unit (
    n int, turn_id text, bot_id text, bot_version bigint, channel text, mode text, principal text, user_id text,
    conversation_id text, starts_new boolean, new_conversation_id text, event_id text,
    message_id text, message text, tokens bigint, metadata text,
    greeting_id text, greeting text, greeting_tokens bigint, context text,
    route text, key text, fingerprint text, expires_at bigint,
    owner text, lease_ms bigint, period_start bigint, quota_owners text, history_limit bigint,
    wants_facts boolean, wants_summary boolean, at bigint)
), share as materialized (
  select * from json_to_recordset($3::json) as share (
    n int, rank int, workspace_id text, owner_id text, hard_limit bigint, warn_at bigint)
),
-- which conversation, as the snapshot shows it; neither named nor current: it must be started
place as materialized (
  select unit.n, unit.bot_id, coalesce(unit.conversation_id, pointer.conversation_id) as id
  from unit left join lateral (
    select conversation_id from current_conversations
    where workspace_id = $1 and bot_id = unit.bot_id and user_id = unit.user_id and mode = unit.mode
      and unit.conversation_id is null and not unit.starts_new
    limit 1
  ) pointer on true
), seen as materialized (
  select distinct conversation.id, conversation.next_seq
  from place cross join lateral (
    select id, next_seq from conversations
    where workspace_id = $1 and id = place.id and active_turn_id is null and deleted_at is null
      and status <> 'closed'
    limit 1
  ) conversation
), held as materialized (
  select conversation.* from (select id, next_seq from seen order by id) seen cross join lateral (
    select ctid as tuple_id, id, bot_id, user_id, mode, status, next_seq from conversations
    where workspace_id = $1 and id = seen.id and next_seq = seen.next_seq and active_turn_id is null
      and deleted_at is null and status <> 'closed'
    for update skip locked
  ) conversation
),
-- whoever deletes the bot waits, and then finds the conversation that was started
kept as materialized (
  select bot.id from (select distinct bot_id as id from place where id is null order by bot_id) asked cross join lateral (
    select id from bots where workspace_id = $1 and id = asked.id and deleted_at is null for share skip locked
  ) bot
), ready as materialized (
  select unit.*, held.tuple_id, held.id as held_id, coalesce(held.status, 'open') as conversation_status,
    coalesce(held.id, unit.new_conversation_id) as at_id,
    case when held.id is null then unit.user_id else held.user_id end as turn_user_id,
    coalesce(held.next_seq, case when unit.greeting_id is null then 1 else 2 end) as seq_base
  from unit join place on place.n = unit.n
    left join held on held.id = place.id and held.bot_id = unit.bot_id and held.mode = unit.mode
      and (unit.user_id is null or held.user_id = unit.user_id)
    left join kept on place.id is null and kept.id = unit.bot_id
  where (held.id is not null or kept.id is not null)
    and not exists (select from place earlier where earlier.id = place.id and earlier.n < place.n)
    and (
      select 1 from idempotency_keys where workspace_id = $1 and principal = unit.principal and route = unit.route
        and key = unit.key) is null
),
-- what a person will answer is never charged
wanted as materialized (
  select share.*, ready.period_start, row_number() over (
    partition by share.workspace_id, share.owner_id, ready.period_start order by share.n) as place
  from share join ready on ready.n = share.n where ready.conversation_status <> 'human'
), counter as materialized (
  select period.* from (
    select distinct rank, workspace_id, owner_id, period_start from wanted order by rank, workspace_id, owner_id
  ) asked cross join lateral (
    select workspace_id, owner_id, period_start, used, reserved from quota_periods
    where workspace_id = asked.workspace_id and owner_id = asked.owner_id and period_start = asked.period_start
    for update
  ) period
), verdict as materialized (
  select wanted.n,
    bool_and(counter.used is not null and (wanted.hard_limit is null
      or counter.used + counter.reserved + wanted.place <= wanted.hard_limit)) as is_granted,
    json_agg(json_build_array(counter.used, counter.reserved, wanted.place) order by wanted.rank) as counters
  from wanted left join counter on counter.workspace_id = wanted.workspace_id
    and counter.owner_id = wanted.owner_id and counter.period_start = wanted.period_start
  group by wanted.n
), granted as materialized (
  select ready.* from ready left join verdict on verdict.n = ready.n where verdict.n is null or verdict.is_granted
), reservation as materialized (
  select wanted.workspace_id, wanted.owner_id, wanted.period_start, count(*) as messages,
    min(wanted.hard_limit) as hard_limit, min(wanted.warn_at) as warn_at
  from wanted join granted on granted.n = wanted.n
  group by wanted.workspace_id, wanted.owner_id, wanted.period_start
), reserved as (
  update quota_periods set reserved = quota_periods.reserved + reservation.messages,
    hard_limit = reservation.hard_limit, warn_at = reservation.warn_at
  from reservation
  where quota_periods.workspace_id = reservation.workspace_id and quota_periods.owner_id = reservation.owner_id
    and quota_periods.period_start = reservation.period_start
    and quota_periods.workspace_id = any (array(select workspace_id from reservation))
    and quota_periods.owner_id = any (array(select owner_id from reservation))
    and quota_periods.period_start = any (array(select period_start from reservation))
    and (reservation.hard_limit is null
      or quota_periods.used + quota_periods.reserved + reservation.messages <= reservation.hard_limit)
  returning 1
), keyed as (
  insert into idempotency_keys
    (workspace_id, principal, route, key, fingerprint, subject_id, expires_at, sealed)
  select $1, principal, route, key, fingerprint, turn_id, expires_at, 0 from granted
  where key is not null and (select count(*) from reserved) >= 0
  order by principal, route, key
  on conflict do nothing returning 1
), met as (
  insert into users (workspace_id, mode, user_id, person_id, traits, created_at)
  select distinct on (mode, user_id) $1, mode, user_id, user_id, '{}', at from granted
  where held_id is null and user_id is not null and (select count(*) from keyed) >= 0
  order by mode, user_id
  -- the row is held: who links the user at the same time waits for this, or this finds another person below
  on conflict (workspace_id, mode, user_id) do update set created_at = users.created_at
  returning users.mode, users.user_id, users.person_id
),
-- a conversation becomes current for the user and for everybody they are linked to
pointer as materialized (
  select granted.bot_id, identity.user_id, granted.mode, granted.at_id as conversation_id, granted.starts_new
  from granted cross join lateral (
    select granted.user_id
    union select linked.user_id from users own join users linked
      on linked.workspace_id = $1 and linked.mode = granted.mode and linked.person_id = own.person_id
        and linked.person_id <> linked.user_id
      where own.workspace_id = $1 and own.mode = granted.mode and own.user_id = granted.user_id
  ) identity
  where granted.held_id is null and granted.user_id is not null
), pointed as (
  insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
  select $1, bot_id, user_id, mode, conversation_id from pointer
  where not starts_new and (select count(*) from met) >= 0
  order by bot_id, user_id, mode on conflict do nothing returning 1
), pointed_anew as (
  insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
  select $1, bot_id, user_id, mode, conversation_id from pointer
  where starts_new and (select count(*) from pointed) >= 0
  order by bot_id, user_id, mode
  on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id
), started as (
  insert into conversations (workspace_id, id, bot_id, user_id, channel, mode, status, active_turn_id, next_seq,
    metadata, created_at, updated_at)
  select $1, at_id, bot_id, user_id, channel, mode, 'open', turn_id, seq_base + ${turnSeats}, '{}', at, at
  from granted where held_id is null
), taken as (
  update conversations set active_turn_id = coalesce(conversations.active_turn_id, granted.turn_id),
    next_seq = conversations.next_seq + ${turnSeats}, updated_at = granted.at
  from granted where conversations.ctid = granted.tuple_id
  returning conversations.active_turn_id = granted.turn_id as is_ours
), greeted as (
  insert into messages (workspace_id, conversation_id, seq, id, role, text, tokens, created_at)
  select $1, at_id, 1, greeting_id, 'assistant', greeting, greeting_tokens, at
  from granted where held_id is null and greeting_id is not null
), said as (
  insert into messages
    (workspace_id, conversation_id, seq, id, turn_id, role, text, tokens, metadata, created_at)
  select $1, at_id, seq_base, message_id, turn_id, 'user', message, tokens, metadata, at from granted
), made as (
  insert into turns
    (workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status, seq_base,
     owner, lease_until, period_start, quota_owners, context, created_at, started_at,
     message_count, attempt, fence, charged, input_tokens, output_tokens)
  select $1, turn_id, at_id, bot_id, bot_version, turn_user_id, channel, mode, principal, 'running', seq_base,
    owner, ${leaseUntil('lease_ms')}, period_start, case when conversation_status <> 'human' then quota_owners end, context, at, at,
    1, 1, 1, 0, 0, 0
  from granted
), told as (
  insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
  select $1, event_id, 'conversation.created', at_id, 0, at, at from granted where held_id is null
    and exists (select from webhook_endpoints where workspace_id = $1 and status = 'enabled')
)
select unit.n, granted.n is not null as is_granted, granted.held_id is null as is_new, granted.at_id,
  granted.turn_user_id, granted.conversation_status, granted.seq_base, verdict.counters, earlier.history, person.known, gist.summary
from unit left join granted on granted.n = unit.n left join verdict on verdict.n = unit.n
  left join lateral (
    select json_agg(json_build_array(seq, turn_id, role, text, tokens) order by seq) as history
    from (
      select seq, turn_id, role, text, tokens from messages
      where workspace_id = $1 and conversation_id = granted.held_id and seq < granted.seq_base
      order by seq desc limit granted.history_limit
    ) recent
  ) earlier on granted.history_limit > 0
  left join lateral (
    select json_agg(json_build_array(traits, facts)) as known
    from (
      select traits, facts from users
      where workspace_id = $1 and mode = granted.mode and user_id = granted.turn_user_id
        and (facts is not null or traits <> '{}')
      union all
      select linked.traits, linked.facts from users own join users linked
        on linked.workspace_id = $1 and linked.mode = granted.mode and linked.person_id = own.person_id
          and linked.person_id <> linked.user_id and linked.user_id <> own.user_id
      where own.workspace_id = $1 and own.mode = granted.mode and own.user_id = granted.turn_user_id
        and own.person_id <> own.user_id
    ) each
  ) person on granted.wants_facts
  left join lateral (
    select json_build_array(summary, summary_tokens) as summary from conversation_memories
    where workspace_id = $1 and conversation_id = granted.held_id and summary is not null
      and granted.seq_base > granted.history_limit
    limit 1
  ) gist on granted.wants_summary
where 1 = 1 / (case when
  (select count(*) from reserved) = (select count(*) from reservation)
  and (select count(*) from keyed) = (select count(*) from granted where key is not null)
  and not exists (
    select from met join users seen on seen.workspace_id = $1 and seen.mode = met.mode and seen.user_id = met.user_id
      and seen.person_id <> met.person_id)
  and (select count(*) from pointed) = (select count(*) from pointer where not starts_new)
  and (select count(*) from taken where is_ours) = (select count(*) from granted where held_id is not null)
  then 1 else 0 end)`;
