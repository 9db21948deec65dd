import { leaseNow, leaseUntil } from './lease-clock.ts';

/**
 * The statements by which events leave the outbox, one round trip each, however many there are. Rows are found by their
 * whole key, whatever the planner believes: see `accept-turns-sql.ts`.
 */
export const eventSql = {
  take: `with due as materialized (
    select workspace_id, id from outbox where available_at <= ${leaseNow} order by available_at limit $2 for update skip locked
  )
  update outbox set available_at = ${leaseUntil('$1::bigint')} from due
  where outbox.workspace_id = due.workspace_id and outbox.id = due.id
    and outbox.workspace_id = any (array(select workspace_id from due)) and outbox.id = any (array(select id from due))
  returning outbox.workspace_id, outbox.id, outbox.type, outbox.subject_id, outbox.created_at, outbox.available_at`,

  release: `with held as materialized (
    select * from json_to_recordset($1::json) as held (workspace_id text, id text, held_until bigint)
  )
  update outbox set available_at = ${leaseUntil('0')} from held
  where outbox.workspace_id = held.workspace_id and outbox.id = held.id and outbox.available_at = held.held_until
    and outbox.workspace_id = any (array(select workspace_id from held)) and outbox.id = any (array(select id from held))`,

  /**
   * Whoever removes an event makes its deliveries; the time says whether it is still ours. When they are attempted next
   * comes as how far that is from now.
   */
  settle: `with held as materialized (
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
      status text, attempts bigint, fence bigint, next_attempt_in_ms bigint, attempted_at bigint, response_status bigint,
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
    case when too_much then null else ${leaseUntil('next_attempt_in_ms')} end, case when too_much then $4 else attempted_at end,
    response_status, duration_ms, case when too_much then 'queue_full' else error end, created_at,
    case when too_much then $4 else ended_at end
  from judged`,

  /** Newest first, and so their secrets. */
  destinations: `select endpoint.workspace_id, endpoint.id, endpoint.url, endpoint.events, endpoint.status,
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
    order by endpoint.workspace_id, endpoint.id desc, secret.id desc`,

  /** As `isConversationKept` of a turn, of many; gives the numbers of those that are. */
  areKept: `select place.n from json_to_recordset($1::json) as place (n int, workspace_id text, conversation_id text)
    cross join lateral (
      select bot_id from conversations
      where workspace_id = place.workspace_id and id = place.conversation_id and deleted_at is null limit 1
    ) conversation left join lateral (
      select deleted_at from bots where workspace_id = place.workspace_id and id = conversation.bot_id limit 1
    ) bot on true
    where bot.deleted_at is null`,
} as const;
