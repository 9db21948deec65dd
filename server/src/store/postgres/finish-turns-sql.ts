import { leaseUntil } from './lease-clock.ts';
import { turnFunction } from './turn-function.ts';

/**
 * T2 of many turns of one workspace; a statement calls it for one workspace after the other. Parameters: the workspace, the ends as a JSON
 * list, and as others the counters and the days that they count in. Gives the numbers of those that it ended, and until
 * when what the outbox tells of them is held, null where it tells nothing.
 *
 * It ends a turn that has its conversation, where nobody came behind it; the rest is left to a transaction, which passes
 * the conversation on. Counters and days come last, each changed once for all that ended and in the order of its list;
 * what is locked in front of them is passed over where somebody else holds it, as in `accept-turns-sql.ts`.
 *
 * Where less is reserved than is to be settled, the exception undoes the whole statement, and at last the turn is ended
 * alone, which tells what of it is still there.
 */
export const finishTurnsFunction = turnFunction('parley_finish_turns', {
  parameters: 'at_workspace text, units json, counters json, days json',
  returns: 'table (n int, held_until bigint)',
  body: `#variable_conflict use_column
declare
  unit record;
  counter json;
  bucket json;
  place int;
  ended_of int[] := array_fill(0, array[json_array_length(counters)]);
  charged_of bigint[] := array_fill(0, array[json_array_length(counters)]);
  turns_of bigint[] := array_fill(0, array[json_array_length(days)]);
  messages_of bigint[] := turns_of;
  input_of bigint[] := turns_of;
  output_of bigint[] := turns_of;
  is_warned boolean;
  is_spent boolean;
  was text;
  told boolean;
begin
  told := exists (select from webhook_endpoints where workspace_id = at_workspace and status = 'enabled');
  for unit in select * from json_to_recordset(units) as unit (
    n int, turn_id text, conversation_id text, reply_seq bigint, fence bigint, status text, finish_reason text,
    error_code text, model text, input_tokens bigint, output_tokens bigint, charged bigint,
    reply_id text, reply text, reply_tokens bigint, citations text, receipt text, log text,
    event_id text, event text, event_held_ms bigint, bot_id text, channel text, period_start bigint, at bigint,
    places int[], charge_ids text[], day_place int)
  loop
    -- what runs is told behind it: an index of all running turns would be taken for as good as the key
    select turns.status into was from conversations join turns
        on turns.workspace_id = at_workspace and turns.id = unit.turn_id and turns.fence = unit.fence
      where conversations.workspace_id = at_workspace and conversations.id = unit.conversation_id
        and conversations.active_turn_id = unit.turn_id and conversations.next_seq = unit.reply_seq + 1
      for update of conversations, turns skip locked;
    continue when not found or was <> 'running';
    update turns set status = unit.status, finish_reason = unit.finish_reason, error_code = unit.error_code,
        model = unit.model, input_tokens = unit.input_tokens, output_tokens = unit.output_tokens,
        charged = unit.charged, completed_at = unit.at, partial_text = null, owner = null, lease_until = null,
        stop_request = null
      where workspace_id = at_workspace and id = unit.turn_id;
    update conversations set active_turn_id = null, updated_at = unit.at
      where workspace_id = at_workspace and id = unit.conversation_id;
    if unit.reply_id is not null then
      insert into messages
          (workspace_id, conversation_id, seq, id, turn_id, role, text, tokens, citations, created_at)
        values (at_workspace, unit.conversation_id, unit.reply_seq, unit.reply_id, unit.turn_id, 'assistant',
          unit.reply, unit.reply_tokens, unit.citations, unit.at);
    end if;
    for step in 1 .. cardinality(unit.places) loop
      place := unit.places[step];
      ended_of[place] := ended_of[place] + 1;
      charged_of[place] := charged_of[place] + unit.charged;
      continue when unit.charged = 0;
      counter := counters -> (place - 1);
      insert into quota_ledger
          (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
        values (counter ->> 'workspace_id', counter ->> 'owner_id', unit.charge_ids[step], unit.period_start,
          unit.turn_id, unit.bot_id, unit.channel, unit.charged, unit.at);
    end loop;
    place := unit.day_place;
    turns_of[place] := turns_of[place] + 1;
    messages_of[place] := messages_of[place] + unit.charged;
    input_of[place] := input_of[place] + unit.input_tokens;
    output_of[place] := output_of[place] + unit.output_tokens;
    insert into turn_records (workspace_id, turn_id, receipt, log, ended_at)
      values (at_workspace, unit.turn_id, unit.receipt, unit.log, unit.at)
      on conflict (workspace_id, turn_id) do update set receipt = coalesce(excluded.receipt, turn_records.receipt),
        log = excluded.log, ended_at = excluded.ended_at;
    if told then
      insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
        values (at_workspace, unit.event_id, unit.event, unit.turn_id, 0, ${leaseUntil('unit.event_held_ms')}, unit.at)
        returning available_at into held_until;
    end if;
    n := unit.n;
    return next;
  end loop;
  for place in 1 .. json_array_length(counters) loop
    continue when ended_of[place] = 0;
    counter := counters -> (place - 1);
    update quota_periods set reserved = reserved - ended_of[place], used = used + charged_of[place]
      where workspace_id = counter ->> 'workspace_id' and owner_id = counter ->> 'owner_id'
        and period_start = (counter ->> 'period_start')::bigint and reserved >= ended_of[place]
      returning coalesce(used >= warn_at and used - charged_of[place] < warn_at, false)
          and warn_at is distinct from hard_limit,
        coalesce(used >= hard_limit and used - charged_of[place] < hard_limit, false)
        into is_warned, is_spent;
    if not found then
      raise division_by_zero using message = 'a reservation is not there any more';
    end if;
    insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
      select counter ->> 'workspace_id', crossing.id, 'usage.threshold', counter ->> 'owner_id', 0, ${leaseUntil('0')},
          (counter ->> 'at')::bigint
        from (values (is_warned, counter ->> 'warned_id'), (is_spent, counter ->> 'spent_id')) as crossing (is_so, id)
        where crossing.is_so and exists (
          select from webhook_endpoints
            where workspace_id = counter ->> 'workspace_id' and status = 'enabled');
  end loop;
  for place in 1 .. json_array_length(days) loop
    continue when turns_of[place] = 0;
    bucket := days -> (place - 1);
    insert into usage_daily
        (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
      values (at_workspace, bucket ->> 'mode', bucket ->> 'day', bucket ->> 'bot_id', bucket ->> 'channel', turns_of[place],
        messages_of[place], input_of[place], output_of[place])
      on conflict (workspace_id, mode, day, bot_id, channel) do update set turns = usage_daily.turns + excluded.turns,
        messages = usage_daily.messages + excluded.messages,
        input_tokens = usage_daily.input_tokens + excluded.input_tokens,
        output_tokens = usage_daily.output_tokens + excluded.output_tokens;
  end loop;
end`,
});

/**
 * For several workspaces, one after the other in the order of the list: `[{workspace, units, counters, days}]`. Rows say
 * which they are of, counted from 1.
 */
export const finishTurnsSql = `select at_group.place::int as place, outcome.n, outcome.held_until
  from json_array_elements($1::json) with ordinality as at_group (value, place)
  cross join lateral ${finishTurnsFunction.name}(at_group.value ->> 'workspace', at_group.value -> 'units',
    at_group.value -> 'counters', at_group.value -> 'days') as outcome`;
