-- Every statement on the path of a turn, as it is prepared. What is remembered for seconds (keys, bots, terms, the
-- size of a knowledge base) is read beside it. Written by:
--   npx vitest run --project fast server/test/turn-sql.test.ts --update

-- acceptTurns
with unit as materialized (
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
  select $1, at_id, bot_id, user_id, channel, mode, 'open', turn_id, seq_base + 16, '{}', at, at
  from granted where held_id is null
), taken as (
  update conversations set active_turn_id = coalesce(conversations.active_turn_id, granted.turn_id),
    next_seq = conversations.next_seq + 16, updated_at = granted.at
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
    owner, (extract(epoch from clock_timestamp()) * 1000)::bigint + lease_ms, period_start, case when conversation_status <> 'human' then quota_owners end, context, at, at,
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
  then 1 else 0 end);

-- finishTurns
with unit as materialized (
  select * from json_to_recordset($2::json) as unit (
    n int, turn_id text, conversation_id text, reply_seq bigint, fence bigint, status text, finish_reason text,
    error_code text, model text, input_tokens bigint, output_tokens bigint, charged bigint,
    reply_id text, reply text, reply_tokens bigint, citations text, receipt text, log text,
    event_id text, event text, event_held_until bigint, mode text, day text, bot_id text, channel text, period_start bigint, at bigint)
), owner as materialized (
  select * from json_to_recordset($3::json) as owner (
    n int, rank int, workspace_id text, owner_id text, charge_id text, event_id text)
), held as materialized (
  select unit.n, conversation.tuple_id, turn.tuple_id as turn_tuple_id
  from (select * from unit order by conversation_id) unit cross join lateral (
    select ctid as tuple_id from conversations where workspace_id = $1 and id = unit.conversation_id
      and active_turn_id = unit.turn_id and next_seq = unit.reply_seq + 1
    for update skip locked
  ) conversation cross join lateral (
    select ctid as tuple_id, fence, status from turns where workspace_id = $1 and id = unit.turn_id limit 1
  ) turn
  where turn.fence = unit.fence and turn.status = 'running'
), ended as (
  update turns set status = unit.status, finish_reason = unit.finish_reason, error_code = unit.error_code,
    model = unit.model, input_tokens = unit.input_tokens, output_tokens = unit.output_tokens,
    charged = unit.charged, completed_at = unit.at, partial_text = null, owner = null, lease_until = null,
    stop_request = null
  from held join unit on unit.n = held.n
  where turns.ctid = held.turn_tuple_id and turns.fence = unit.fence and turns.completed_at is null
  returning unit.n, held.tuple_id
), done as materialized (
  select unit.*, ended.tuple_id from ended join unit on unit.n = ended.n
), passed as (
  update conversations set active_turn_id = null, updated_at = done.at from done
  where conversations.ctid = done.tuple_id returning 1
), replied as (
  insert into messages (workspace_id, conversation_id, seq, id, turn_id, role, text, tokens, citations, created_at)
  select $1, conversation_id, reply_seq, reply_id, turn_id, 'assistant', reply, reply_tokens, citations, at
  from done where reply_id is not null
), holding as materialized (
  select owner.*, done.period_start, done.turn_id, done.bot_id, done.channel, done.charged, done.at
  from owner join done on done.n = owner.n
), counter as materialized (
  select period.* from (
    select distinct rank, workspace_id, owner_id, period_start from holding order by rank, workspace_id, owner_id
  ) asked cross join lateral (
    select workspace_id, owner_id, period_start from quota_periods
    where workspace_id = asked.workspace_id and owner_id = asked.owner_id and period_start = asked.period_start
    for update
  ) period
), settlement as materialized (
  select holding.workspace_id, holding.owner_id, holding.period_start, count(*) as turns,
    sum(holding.charged)::bigint as charged, min(holding.event_id) as event_id, max(holding.at) as at
  from holding join counter on counter.workspace_id = holding.workspace_id
    and counter.owner_id = holding.owner_id and counter.period_start = holding.period_start
  group by holding.workspace_id, holding.owner_id, holding.period_start
), settled as (
  update quota_periods set reserved = quota_periods.reserved - settlement.turns,
    used = quota_periods.used + settlement.charged
  from settlement
  where quota_periods.workspace_id = settlement.workspace_id and quota_periods.owner_id = settlement.owner_id
    and quota_periods.period_start = settlement.period_start
    and quota_periods.workspace_id = any (array(select workspace_id from settlement))
    and quota_periods.owner_id = any (array(select owner_id from settlement))
    and quota_periods.period_start = any (array(select period_start from settlement))
  returning settlement.*, quota_periods.used, quota_periods.hard_limit, quota_periods.warn_at
), crossed as (
  insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
  select workspace_id, event_id, 'usage.threshold', owner_id, 0, at, at from settled
  where ((used >= warn_at and used - charged < warn_at) or (used >= hard_limit and used - charged < hard_limit))
    and exists (select from webhook_endpoints
      where webhook_endpoints.workspace_id = settled.workspace_id and status = 'enabled')
), charged as (
  insert into quota_ledger
    (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
  select workspace_id, owner_id, charge_id, period_start, turn_id, bot_id, channel, charged, at
  from holding where charged > 0
), counted as (
  insert into usage_daily
    (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
  select $1, mode, day, bot_id, channel, count(*), sum(charged), sum(input_tokens), sum(output_tokens)
  from done where (select count(*) from settled) >= 0
  group by mode, day, bot_id, channel order by mode, day, bot_id, channel
  on conflict (workspace_id, mode, day, bot_id, channel) do update set turns = usage_daily.turns + excluded.turns,
    messages = usage_daily.messages + excluded.messages,
    input_tokens = usage_daily.input_tokens + excluded.input_tokens,
    output_tokens = usage_daily.output_tokens + excluded.output_tokens
), recorded as (
  insert into turn_records (workspace_id, turn_id, receipt, log, ended_at)
  select $1, turn_id, receipt, log, at from done
  on conflict (workspace_id, turn_id) do update set receipt = coalesce(excluded.receipt, turn_records.receipt),
    log = excluded.log, ended_at = excluded.ended_at
), told as (
  insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
  select $1, event_id, event, turn_id, 0, event_held_until, at from done
  where exists (select from webhook_endpoints where workspace_id = $1 and status = 'enabled')
  returning 1
)
select n, exists (select from told) as told from ended
where 1 = 1 / (case when (select count(*) from passed) = (select count(*) from ended) then 1 else 0 end);

-- findKey
select fingerprint, subject_id, expires_at from idempotency_keys
    where workspace_id = $1 and principal = $2 and route = $3 and key = $4;

-- insertKey
insert into idempotency_keys
    (workspace_id, principal, route, key, fingerprint, subject_id, expires_at, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, 0)
    on conflict (workspace_id, principal, route, key) do update set fingerprint = excluded.fingerprint,
      subject_id = excluded.subject_id, expires_at = excluded.expires_at
    where idempotency_keys.expires_at <= $8 or idempotency_keys.subject_id = $9;

-- isBotKept
select 1 as kept from bots where workspace_id = $1 and id = $2 and deleted_at is null for share;

-- holdConversation
select conversations.id, conversations.bot_id, conversations.user_id, conversations.mode,
  conversations.status, conversations.active_turn_id, conversations.next_seq from conversations
    where workspace_id = $1 and id = $2 and deleted_at is null for update;

-- findCurrentConversation
select conversation_id from current_conversations
    where workspace_id = $1 and bot_id = $2 and user_id = $3 and mode = $4;

-- isSamePerson
select 1 as same from users one join users other
      on other.workspace_id = one.workspace_id and other.mode = one.mode and other.person_id = one.person_id
    where one.workspace_id = $1 and one.mode = $2 and one.user_id = $3 and other.user_id = $4;

-- insertConversation
insert into conversations
    (workspace_id, id, bot_id, user_id, channel, mode, status, next_seq, metadata, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, 'open', $7, '{}', $8, $8);

-- insertUser
insert into users (workspace_id, mode, user_id, person_id, traits, created_at)
    values ($1, $2, $3, $3, '{}', $4)
    on conflict (workspace_id, mode, user_id) do update set created_at = users.created_at;

-- claimCurrentConversation
insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
    values ($1, $2, $3, $4, $5)
    on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id
    where current_conversations.conversation_id = $6;

-- setCurrentOfPerson
insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
    select $1, $2, identity.user_id, $4, $5 from (
      select user_id from users where workspace_id = $1 and mode = $4 and user_id = $3
      union select linked.user_id from users one join users linked
        on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
          and linked.person_id <> linked.user_id
        where one.workspace_id = $1 and one.mode = $4 and one.user_id = $3
    ) identity order by identity.user_id
    on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id;

-- takeConversation
update conversations set active_turn_id = coalesce(active_turn_id, $1), next_seq = next_seq + $2,
      updated_at = $3, status = case status when 'closed' then 'open' else status end
    where workspace_id = $4 and id = $5;

-- listWaiting
select turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at from turns
    where workspace_id = $1 and conversation_id = $2 and status = 'queued'
      and seq_base > (select active.seq_base from turns active where active.workspace_id = $1 and active.id = $3)
    order by seq_base limit $4;

-- listAllWaiting
select turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at from turns where status = 'queued' limit $1;

-- insertMessage
insert into messages
    (workspace_id, conversation_id, seq, id, turn_id, role, text, parts, tokens, metadata, citations, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- listMessages
select seq, id, text from messages where workspace_id = $1 and conversation_id = $2
    and seq = any ($3::bigint[]);

-- listTurnMessages
select seq, turn_id, role, text, tokens from messages
    where workspace_id = $1 and conversation_id = $2 and seq >= $3 and seq < $4 order by seq;

-- listHistory
select seq, turn_id, role, text, tokens from messages
    where workspace_id = $1 and conversation_id = $2 and seq < $3 order by seq desc limit $4;

-- findKnown
select traits, facts from users
      where workspace_id = $1 and mode = $2 and user_id = $3 and (facts is not null or traits <> '{}')
    union all
    select linked.traits, linked.facts from users one join users linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id and linked.user_id <> one.user_id
      where one.workspace_id = $1 and one.mode = $2 and one.user_id = $3 and one.person_id <> one.user_id;

-- findSummary
select summary, summary_tokens from conversation_memories
    where workspace_id = $1 and conversation_id = $2 and summary is not null;

-- insertTurn
insert into turns
    (workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status, seq_base, owner,
     lease_until, period_start, quota_owners, context, created_at, started_at,
     message_count, attempt, fence, charged, input_tokens, output_tokens)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (extract(epoch from clock_timestamp()) * 1000)::bigint + $13::bigint, $14, $15, $16, $17, $18,
      1, 1, 1, 0, 0, 0);

-- addToTurn
update turns set message_count = message_count + 1, context = $1 where workspace_id = $2 and id = $3;

-- findTurn
select turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at from turns where workspace_id = $1 and id = $2;

-- findTurnWithReply
select turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at, row_to_json(reply) as reply from turns
      join conversations on conversations.workspace_id = turns.workspace_id
        and conversations.id = turns.conversation_id and conversations.deleted_at is null
        and not exists (select 1 from bots where bots.workspace_id = conversations.workspace_id
          and bots.id = conversations.bot_id and bots.deleted_at is not null)
      left join messages reply on reply.workspace_id = turns.workspace_id
        and reply.conversation_id = turns.conversation_id and reply.seq = turns.seq_base + $3
        and turns.status not in ('queued', 'running')
    where turns.workspace_id = $1 and turns.id = $2;

-- requestStop
update turns set stop_request = coalesce(stop_request, $1)
    where workspace_id = $2 and id = $3 and status = 'running';

-- insertPeriod
insert into quota_periods (workspace_id, owner_id, period_start, period_end, reserved, used)
    values ($1, $2, $3, $4, 0, 0) on conflict do nothing;

-- findPeriod
select used, reserved from quota_periods
    where workspace_id = $1 and owner_id = $2 and period_start = $3;

-- reserve
update quota_periods set reserved = reserved + 1, hard_limit = $4, warn_at = $5
    where workspace_id = $1 and owner_id = $2 and period_start = $3
      and ($4::bigint is null or used + reserved < $4)
    returning used, reserved;

-- settle
update quota_periods set reserved = reserved - 1, used = used + $4
    where workspace_id = $1 and owner_id = $2 and period_start = $3
    returning coalesce((used >= warn_at and used - $4 < warn_at)
      or (used >= hard_limit and used - $4 < hard_limit), false) as crossed;

-- insertCharge
insert into quota_ledger
    (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- addUsage
insert into usage_daily
    (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
    values ($1, $2, $3, $4, $5, 1, $6, $7, $8)
    on conflict (workspace_id, mode, day, bot_id, channel) do update set turns = usage_daily.turns + 1,
      messages = usage_daily.messages + excluded.messages,
      input_tokens = usage_daily.input_tokens + excluded.input_tokens,
      output_tokens = usage_daily.output_tokens + excluded.output_tokens;

-- holdLine
select 1 as held from conversations where workspace_id = $1 and id = $2 for update;

-- endTurn
update turns set status = $1, finish_reason = $2, error_code = $3, model = $4, input_tokens = $5,
      output_tokens = $6, charged = $7, completed_at = $8, partial_text = null, owner = null, lease_until = null,
      stop_request = null
    where workspace_id = $9 and id = $10 and fence = $11 and status = 'running';

-- findNextWaiting
select id from turns where workspace_id = $1 and conversation_id = $2 and status = 'queued'
    and seq_base > $3 order by seq_base limit 1;

-- passConversation
update conversations set updated_at = $1, active_turn_id = $2
    where workspace_id = $3 and id = $4 and active_turn_id = $5;

-- insertRecord
insert into turn_records (workspace_id, turn_id, receipt, log, ended_at) values ($1, $2, $3, $4, $5)
    on conflict (workspace_id, turn_id) do update set receipt = coalesce(excluded.receipt, turn_records.receipt),
      log = excluded.log, ended_at = excluded.ended_at;

-- findRecord
select receipt, log from turn_records where workspace_id = $1 and turn_id = $2;

-- insertEvent
insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
    select $1, $2, $3, $4, 0, $6, $5
    where exists (select from webhook_endpoints where workspace_id = $1 and status = 'enabled');

-- startTurn
update turns set status = 'running', owner = $1, lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + $2::bigint, started_at = $3,
      fence = fence + 1
    where workspace_id = $4 and id = $5 and status = 'queued' returning turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at;

-- keepPartial
with kept as (
      update turns set partial_text = $1, lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + $2::bigint
      where workspace_id = $3 and id = $4 and fence = $5 and status = 'running' returning 1
    ), noted as (
      insert into turn_records (workspace_id, turn_id, receipt, log, ended_at)
      select $3, $4, $6, $8, $7 from kept where $6::text is not null or $8::text is not null
      on conflict (workspace_id, turn_id) do update set receipt = coalesce(excluded.receipt, turn_records.receipt),
        log = excluded.log
    )
    select 1 as kept from kept;

-- findPartial
select partial_text from turns where workspace_id = $1 and id = $2;

-- findProgress
select turns.id, turns.status, turns.attempt,
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
      ) record on turns.status = 'running';

-- renew
with held as materialized (
      select turns.workspace_id, turns.id
      from json_to_recordset($2::json) as asked (workspace_id text, id text, fence bigint) join turns
        on turns.workspace_id = asked.workspace_id and turns.id = asked.id and turns.fence = asked.fence
          and turns.status = 'running'
      order by turns.workspace_id, turns.id for update of turns
    )
    update turns set lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + $1::bigint from held
    where turns.workspace_id = held.workspace_id and turns.id = held.id
    returning turns.id, turns.stop_request;

-- cancelWaiting
update turns set status = 'cancelled', finish_reason = 'cancelled', completed_at = $1,
      fence = fence + 1
    where workspace_id = $2 and id = $3 and status = 'queued' returning turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at;

-- takeTurns
with abandoned as materialized (
      select ctid as tuple_id, owner is null as released from turns
      where status = 'running' and (lease_until < (extract(epoch from now()) * 1000)::bigint or ($1 and owner <> $2)) and id <> all ($5::text[])
      limit $3 for update skip locked
    )
    update turns set owner = $2, lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + $4::bigint, attempt = attempt + 1,
      fence = fence + 1
    from abandoned where turns.ctid = abandoned.tuple_id
    returning turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at, turns.partial_text, turns.stop_request, abandoned.released;

-- release
with held as materialized (
      select turns.workspace_id, turns.id
      from json_to_recordset($1::json) as asked (workspace_id text, id text, fence bigint) join turns
        on turns.workspace_id = asked.workspace_id and turns.id = asked.id and turns.fence = asked.fence
          and turns.status = 'running'
      order by turns.workspace_id, turns.id for update of turns
    )
    update turns set owner = null, lease_until = 0, fence = turns.fence + 1 from held
    where turns.workspace_id = held.workspace_id and turns.id = held.id;

-- startTurns
with abandoned as materialized (
      select turns.ctid as tuple_id from turns cross join lateral (
        select id from conversations where workspace_id = turns.workspace_id and id = turns.conversation_id
          and active_turn_id = turns.id
        limit 1
      ) conversation
      where turns.status = 'queued' limit $4 for update of turns skip locked
    )
    update turns set status = 'running', owner = $1, lease_until = (extract(epoch from clock_timestamp()) * 1000)::bigint + $2::bigint, started_at = $3,
      fence = fence + 1
    where ctid = any (array(select tuple_id from abandoned))
    returning turns.workspace_id, turns.id, turns.conversation_id, turns.bot_id, turns.bot_version, turns.user_id, turns.channel, turns.mode, turns.principal, turns.status, turns.finish_reason, turns.error_code, turns.seq_base, turns.message_count, turns.attempt, turns.fence, turns.period_start, turns.quota_owners, turns.charged, turns.context, turns.model, turns.input_tokens, turns.output_tokens, turns.created_at, turns.started_at, turns.completed_at;

-- conversationStatus
select status from conversations where workspace_id = $1 and id = $2;

-- pruneLogs
with expired as materialized (
      select ctid as tuple_id from turn_records where log is not null and ended_at < $1
      order by ended_at limit $2 for update skip locked
    )
    update turn_records set log = null where ctid = any (array(select tuple_id from expired));

-- events: take
with due as materialized (
    select workspace_id, id from outbox where available_at <= $2 order by available_at limit $3 for update skip locked
  )
  update outbox set available_at = $1 from due
  where outbox.workspace_id = due.workspace_id and outbox.id = due.id
    and outbox.workspace_id = any (array(select workspace_id from due)) and outbox.id = any (array(select id from due))
  returning outbox.workspace_id, outbox.id, outbox.type, outbox.subject_id, outbox.created_at;

-- events: release
with held as materialized (
    select * from json_to_recordset($2::json) as held (workspace_id text, id text, held_until bigint)
  )
  update outbox set available_at = $1 from held
  where outbox.workspace_id = held.workspace_id and outbox.id = held.id and outbox.available_at = held.held_until
    and outbox.workspace_id = any (array(select workspace_id from held)) and outbox.id = any (array(select id from held));

-- events: settle
with held as materialized (
    select * from json_to_recordset($1::json) as held (workspace_id text, id text, held_until bigint)
  ), gone as (
    delete from outbox using held
    where outbox.workspace_id = held.workspace_id and outbox.id = held.id and outbox.available_at = held.held_until
      and outbox.workspace_id = any (array(select workspace_id from held))
      and outbox.id = any (array(select id from held))
    returning outbox.workspace_id, outbox.id
  ), delivery as materialized (
    select delivery.*, delivery.status = 'pending' and delivery.attempts = 0 as waits
    from json_to_recordset($2::json) as delivery (
      n int, workspace_id text, id text, endpoint_id text, event_id text, type text, subject_id text, event_at bigint,
      status text, attempts bigint, fence bigint, next_attempt_at bigint, attempted_at bigint, response_status bigint,
      duration_ms bigint, error text, created_at bigint, ended_at bigint)
    join gone on gone.workspace_id = delivery.workspace_id and gone.id = delivery.event_id
  ), line as materialized (
    select place.workspace_id, place.endpoint_id, counted.waiting from (
      select distinct workspace_id, endpoint_id from delivery where waits
    ) place cross join lateral (
      select count(*) as waiting from (
        select from webhook_deliveries
        where workspace_id = place.workspace_id and endpoint_id = place.endpoint_id and status = 'pending' limit $3
      ) waiting
    ) counted
  ), judged as (
    select delivery.*, delivery.waits and line.waiting
      + row_number() over (partition by delivery.workspace_id, delivery.endpoint_id, delivery.waits order by delivery.n)
      > $3::bigint as too_much
    from delivery left join line
      on line.workspace_id = delivery.workspace_id and line.endpoint_id = delivery.endpoint_id
  )
  insert into webhook_deliveries
    (workspace_id, id, endpoint_id, event_id, type, subject_id, event_at, status, attempts, fence, next_attempt_at,
     attempted_at, response_status, duration_ms, error, created_at, ended_at)
  select workspace_id, id, endpoint_id, event_id, type, subject_id, event_at,
    case when too_much then 'dropped' else status end, attempts, fence,
    case when too_much then null else next_attempt_at end, case when too_much then $4 else attempted_at end,
    response_status, duration_ms, case when too_much then 'queue_full' else error end, created_at,
    case when too_much then $4 else ended_at end
  from judged;

-- events: destinations
select endpoint.workspace_id, endpoint.id, endpoint.url, endpoint.events, endpoint.status,
      endpoint.description, endpoint.disabled_reason, endpoint.failing_since, endpoint.created_at, endpoint.updated_at,
      secret.id as secret_id, secret.ciphertext
    from unnest($1::text[]) as workspace (id) cross join lateral (
      select * from webhook_endpoints where workspace_id = workspace.id and status = 'enabled' order by id desc limit 100
    ) endpoint left join lateral (
      select id, ciphertext from encrypted_secrets
      where workspace_id = endpoint.workspace_id and purpose = 'webhook_secret' and subject_id = endpoint.id
        and (expires_at is null or expires_at > $2)
      order by id desc limit 2
    ) secret on true
    order by endpoint.workspace_id, endpoint.id desc, secret.id desc;

-- events: areKept
select place.n from json_to_recordset($1::json) as place (n int, workspace_id text, conversation_id text)
    cross join lateral (
      select bot_id from conversations
      where workspace_id = place.workspace_id and id = place.conversation_id and deleted_at is null limit 1
    ) conversation left join lateral (
      select deleted_at from bots where workspace_id = place.workspace_id and id = conversation.bot_id limit 1
    ) bot on true
    where bot.deleted_at is null;

-- postings
select "postings"."term", "postings"."source_id", "postings"."entries" from "postings" inner join "source_pages" on "source_pages"."workspace_id" = "postings"."workspace_id" and "source_pages"."bot_id" = "postings"."bot_id" and "source_pages"."source_id" = "postings"."source_id" and "source_pages"."version" = "postings"."revision" where "postings"."workspace_id" = $1 and "postings"."bot_id" = $2 and "postings"."term" in ($3, $4, $5, $6) limit $7;

-- chunks
with "wanted"("source_id", "number", "position") as (values ($1, cast($2 as bigint), cast($3 as bigint)), ($4, cast($5 as bigint), cast($6 as bigint)), ($7, cast($8 as bigint), cast($9 as bigint)), ($10, cast($11 as bigint), cast($12 as bigint))) select "chunks"."id", "chunks"."source_id", "chunks"."position", "chunks"."headings", "chunks"."text", "chunks"."tokens", "chunks"."page", "chunks"."anchor", "sources"."title", "source_pages"."title" as "page_title", "sources"."url", "source_pages"."url" as "page_url" from "wanted" inner join "source_pages" on "source_pages"."source_id" = "wanted"."source_id" and "source_pages"."number" = "wanted"."number" inner join "sources" on "sources"."workspace_id" = "source_pages"."workspace_id" and "sources"."bot_id" = "source_pages"."bot_id" and "sources"."id" = "source_pages"."source_id" inner join "chunks" on "chunks"."workspace_id" = "source_pages"."workspace_id" and "chunks"."bot_id" = "source_pages"."bot_id" and "chunks"."source_id" = "source_pages"."source_id" and "chunks"."revision" = "source_pages"."version" and "chunks"."position" = "wanted"."position" where "source_pages"."workspace_id" = $13 and "source_pages"."bot_id" = $14;

-- recall_conversation

  select conversations.id, conversations.next_seq, memories.packed_seq from conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.workspace_id = $1 and conversations.id = $2 and conversations.deleted_at is null;

-- recall_conversations

  select conversations.id, conversations.next_seq, memories.packed_seq
  from (
    select cast($1 as text) as user_id
    union
    select linked.user_id from users as one join users as linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id
      where one.workspace_id = $2 and one.mode = $3 and one.user_id = $4
        and one.person_id <> one.user_id
  ) as person
  cross join conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.user_id = person.user_id and conversations.workspace_id = $5
    and conversations.mode = $6 and conversations.bot_id = $7 and conversations.deleted_at is null
  order by conversations.id desc limit $8;

-- recall_segments

  select conversation_id, first_seq, last_seq, packed from recall_segments
  where workspace_id = $1 and conversation_id in ($2, $3, $4, $5)
  order by conversation_id desc, first_seq desc limit $6;

-- recall_unpacked

  select messages.conversation_id, messages.seq, messages.id, messages.role,
    substr(messages.text, 1, 4000) as text, messages.tokens, messages.created_at
  from (values (cast($1 as text), cast($2 as bigint), cast($3 as bigint)), (cast($4 as text), cast($5 as bigint), cast($6 as bigint)), (cast($7 as text), cast($8 as bigint), cast($9 as bigint)), (cast($10 as text), cast($11 as bigint), cast($12 as bigint))) as listed cross join messages
  where messages.workspace_id = $13 and messages.conversation_id = listed.column1
    and messages.seq > listed.column2 and messages.seq < listed.column3
  order by messages.conversation_id desc, messages.seq desc limit $14;

-- recall_texts

  select messages.conversation_id, messages.seq, messages.id, messages.role, messages.text, messages.tokens,
    messages.created_at
  from (values (cast($1 as text), cast($2 as bigint)), (cast($3 as text), cast($4 as bigint)), (cast($5 as text), cast($6 as bigint)), (cast($7 as text), cast($8 as bigint))) as listed cross join messages
  where messages.workspace_id = $9 and messages.conversation_id = listed.column1
    and messages.seq = listed.column2;
