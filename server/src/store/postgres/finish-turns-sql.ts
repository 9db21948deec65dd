/**
 * T2 of many turns of one workspace as one statement. Parameters: the workspace, the ends (`unit`) and who holds their
 * reservations (`owner`), each a JSON list. Gives the numbers of those that it ended, and whether
 * the outbox tells of them.
 *
 * It ends a turn that has its conversation, where nobody came behind it: the places of a waiting turn would be taken, which
 * the locked row says and the statement's snapshot may not. The rest is left to a transaction that looks again. Rows that
 * others wait for are locked in the order of `turn-sql.ts`: a part that must come after another one reads it. Why rows are
 * found as they are, and why the statement may end with a division by zero: `accept-turns-sql.ts`.
 */
export const finishTurnsSql = `with unit as materialized (
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
where 1 = 1 / (case when (select count(*) from passed) = (select count(*) from ended) then 1 else 0 end)`;
