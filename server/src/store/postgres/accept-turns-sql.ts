import { turnSeats } from '../../core/conversation/conversation.ts';
import { leaseUntil } from './lease-clock.ts';
import { turnFunction } from './turn-function.ts';

/**
 * T1 of many messages of one workspace; a statement calls it for one workspace after the other. Parameters: the workspace, the messages as a
 * JSON list, and another of the counters that they count in, with how many do. It gives a row for each that it accepted,
 * and for each that a counter refuses; for what it passes over nothing is written, and a transaction looks again. Each
 * statement sees what was committed before it, so that what a wait has brought is found by looking behind it.
 *
 * A message goes through in the order of locks that `turn-sql.ts` names, and then the next one does. So whatever is locked
 * in front of the counters, of which a message before may hold one already, is passed over where somebody else holds it:
 * to wait for it could be a deadlock. What is locked behind them (keys, users, current conversations) is waited for; those
 * who reach it hold the workspace's counter, and in test mode, which has none, messages come in the order of their keys.
 *
 * The first message that counts changes each counter for all of them, where it has room for all: every change makes
 * another version of the one row that all of a workspace are about. What was taken for messages that are passed over is
 * given back at the end. Where there is not the room, each counts by itself.
 *
 * Where a write meets another's after all (the same Idempotency-Key, the first conversation of one user), the exception
 * undoes the whole statement, and what it was for is tried in ever smaller parts (`unit-queue.ts`).
 */
export const acceptTurnsFunction = turnFunction('parley_accept_turns', {
  parameters: 'at_workspace text, units json, takings json',
  returns: `table (n int, is_granted boolean, is_new boolean, at_id text, turn_user_id text, conversation_status text,
    seq_base bigint, counters json, history json, known json, summary json)`,
  body: `#variable_conflict use_column
declare
  unit record;
  held record;
  share json;
  counter record;
  is_shared boolean;
  taken int[] := '{}';
  used_of bigint[] := '{}';
  reserved_of bigint[] := '{}';
  place int;
  given int;
  counted text;
  person text;
  own record;
begin
  for unit in select * from json_to_recordset(units) as unit (
    n int, turn_id text, bot_id text, bot_version bigint, channel text, mode text, principal text, user_id text,
    conversation_id text, starts_new boolean, new_conversation_id text, event_id text,
    message_id text, message text, tokens bigint, metadata text,
    greeting_id text, greeting text, greeting_tokens bigint, context text,
    route text, key text, fingerprint text, expires_at bigint,
    owner text, lease_ms bigint, period_start bigint, quota_owners text, history_limit bigint, at bigint, places int[],
    wants_facts boolean, wants_summary boolean)
  loop
    n := unit.n;
    at_id := unit.conversation_id;
    if at_id is null and unit.user_id is not null and not unit.starts_new then
      select pointer.conversation_id into at_id from current_conversations pointer
        where pointer.workspace_id = at_workspace and pointer.bot_id = unit.bot_id
          and pointer.user_id = unit.user_id and pointer.mode = unit.mode;
    end if;
    is_new := at_id is null;
    if is_new then
      -- whoever deletes the bot waits, and then finds the conversation that was started
      perform from bots where workspace_id = at_workspace and id = unit.bot_id and deleted_at is null
        for share skip locked;
      continue when not found;
      at_id := unit.new_conversation_id;
      turn_user_id := unit.user_id;
      conversation_status := 'open';
      seq_base := case when unit.greeting_id is null then 1 else 2 end;
    else
      select bot_id, user_id, mode, status, next_seq into held from conversations
        where workspace_id = at_workspace and id = at_id and active_turn_id is null and deleted_at is null
          and status <> 'closed'
        for update of conversations skip locked;
      continue when not found or held.bot_id <> unit.bot_id or held.mode <> unit.mode
        or (unit.user_id is not null and held.user_id is distinct from unit.user_id);
      turn_user_id := held.user_id;
      conversation_status := held.status;
      seq_base := held.next_seq;
    end if;
    if unit.key is not null then
      perform from idempotency_keys where workspace_id = at_workspace and principal = unit.principal
        and route = unit.route and key = unit.key;
      continue when found;
    end if;

    is_granted := true;
    counters := null;
    history := null;
    known := null;
    summary := null;
    -- what a person will answer is never charged
    if conversation_status <> 'human' and is_shared is null then
      is_shared := true;
      for place in 1 .. json_array_length(takings) loop
        share := takings -> (place - 1);
        update quota_periods set reserved = reserved + (share ->> 'takes')::int, hard_limit = (share ->> 'hard_limit')::bigint,
            warn_at = (share ->> 'warn_at')::bigint
          where workspace_id = share ->> 'workspace_id' and owner_id = share ->> 'owner_id'
            and period_start = (share ->> 'period_start')::bigint
            and ((share ->> 'hard_limit') is null
              or used + reserved + (share ->> 'takes')::int <= (share ->> 'hard_limit')::bigint)
          returning used, reserved into counter;
        is_shared := found;
        exit when not is_shared;
        used_of[place] := counter.used;
        reserved_of[place] := counter.reserved - (share ->> 'takes')::int;
        taken[place] := (share ->> 'takes')::int;
      end loop;
      if not is_shared then
        for place in 1 .. coalesce(array_length(taken, 1), 0) loop
          share := takings -> (place - 1);
          update quota_periods set reserved = reserved - taken[place]
            where workspace_id = share ->> 'workspace_id' and owner_id = share ->> 'owner_id'
              and period_start = (share ->> 'period_start')::bigint;
        end loop;
      end if;
    end if;
    if conversation_status <> 'human' and is_shared then
      counted := null;
      foreach place in array unit.places loop
        reserved_of[place] := reserved_of[place] + 1;
        taken[place] := taken[place] - 1;
        counted := concat_ws(',', counted, '[' || used_of[place] || ',' || reserved_of[place] || ']');
      end loop;
      counters := ('[' || counted || ']')::json;
    elsif conversation_status <> 'human' then
      given := 0;
      counted := null;
      while given < cardinality(unit.places) loop
        share := takings -> (unit.places[given + 1] - 1);
        update quota_periods set reserved = reserved + 1, hard_limit = (share ->> 'hard_limit')::bigint,
            warn_at = (share ->> 'warn_at')::bigint
          where workspace_id = share ->> 'workspace_id' and owner_id = share ->> 'owner_id'
            and period_start = unit.period_start
            and ((share ->> 'hard_limit') is null or used + reserved < (share ->> 'hard_limit')::bigint)
          returning used, reserved into counter;
        is_granted := found;
        exit when not is_granted;
        given := given + 1;
        counted := concat_ws(',', counted, '[' || counter.used || ',' || counter.reserved || ']');
      end loop;
      if not is_granted then
        select used, reserved into counter from quota_periods
          where workspace_id = share ->> 'workspace_id' and owner_id = share ->> 'owner_id'
            and period_start = unit.period_start;
        -- the first message of a period had none, and is left; another's may have made one since, which refuses nobody
        if found and counter.used + counter.reserved >= (share ->> 'hard_limit')::bigint then
          counters := ('[' || concat_ws(',', counted, '[' || counter.used || ',' || counter.reserved || ']') || ']')::json;
        end if;
        while given > 0 loop
          share := takings -> (unit.places[given] - 1);
          given := given - 1;
          update quota_periods set reserved = reserved - 1
            where workspace_id = share ->> 'workspace_id' and owner_id = share ->> 'owner_id'
              and period_start = unit.period_start;
        end loop;
        -- the counter may have been waited for, and be used up by what this very key has sent to another server
        if counters is not null and unit.key is not null then
          perform from idempotency_keys where workspace_id = at_workspace and principal = unit.principal
            and route = unit.route and key = unit.key;
          continue when found;
        end if;
        if counters is not null then
          return next;
        end if;
        continue;
      end if;
      counters := ('[' || counted || ']')::json;
    end if;

    if unit.key is not null then
      insert into idempotency_keys
        (workspace_id, principal, route, key, fingerprint, subject_id, expires_at, sealed)
        values (at_workspace, unit.principal, unit.route, unit.key, unit.fingerprint, unit.turn_id, unit.expires_at, 0)
        on conflict do nothing;
      if not found then
        raise division_by_zero using message = 'the key was used meanwhile';
      end if;
    end if;

    if is_new then
      if unit.user_id is not null then
        -- the row is held: who links the user at the same time waits for this, or this waits and finds another person
        insert into users (workspace_id, mode, user_id, person_id, traits, created_at)
          values (at_workspace, unit.mode, unit.user_id, unit.user_id, '{}', unit.at)
          on conflict (workspace_id, mode, user_id) do update set created_at = users.created_at
          returning person_id into person;
        if unit.starts_new then
          insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
            values (at_workspace, unit.bot_id, unit.user_id, unit.mode, at_id)
            on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id;
        else
          insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
            values (at_workspace, unit.bot_id, unit.user_id, unit.mode, at_id)
            on conflict do nothing;
          if not found then
            raise division_by_zero using message = 'another conversation became current meanwhile';
          end if;
        end if;
        -- a conversation becomes current for everybody the user is linked to
        if person <> unit.user_id then
          insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
            select at_workspace, unit.bot_id, linked.user_id, unit.mode, at_id from users linked
            where linked.workspace_id = at_workspace and linked.mode = unit.mode and linked.person_id = person
              and linked.person_id <> linked.user_id and linked.user_id <> unit.user_id
            order by linked.user_id
            on conflict (workspace_id, bot_id, user_id, mode) do update set conversation_id = excluded.conversation_id;
        end if;
      end if;
      insert into conversations (workspace_id, id, bot_id, user_id, channel, mode, status, active_turn_id, next_seq,
          metadata, created_at, updated_at)
        values (at_workspace, at_id, unit.bot_id, unit.user_id, unit.channel, unit.mode, 'open', unit.turn_id,
          seq_base + ${turnSeats}, '{}', unit.at, unit.at);
      if unit.greeting_id is not null then
        insert into messages (workspace_id, conversation_id, seq, id, role, text, tokens, created_at)
          values (at_workspace, at_id, 1, unit.greeting_id, 'assistant', unit.greeting, unit.greeting_tokens, unit.at);
      end if;
      insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
        select at_workspace, unit.event_id, 'conversation.created', at_id, 0, ${leaseUntil('0')}, unit.at
        where exists (select from webhook_endpoints where workspace_id = at_workspace and status = 'enabled');
    else
      update conversations set active_turn_id = unit.turn_id, next_seq = seq_base + ${turnSeats}, updated_at = unit.at
        where workspace_id = at_workspace and id = at_id;
      if unit.history_limit > 0 then
        select json_agg(json_build_array(recent.seq, recent.turn_id, recent.role, recent.text, recent.tokens)
            order by recent.seq) into history
          from (
            select message.seq, message.turn_id, message.role, message.text, message.tokens from messages message
            where message.workspace_id = at_workspace and message.conversation_id = at_id
              and message.seq < held.next_seq
            order by message.seq desc limit unit.history_limit
          ) recent;
      end if;
      if unit.wants_summary and seq_base > unit.history_limit then
        select json_build_array(summary, summary_tokens) into summary from conversation_memories
          where workspace_id = at_workspace and conversation_id = at_id and summary is not null;
      end if;
    end if;
    if unit.wants_facts and turn_user_id is not null then
      select traits, facts, person_id into own from users
        where workspace_id = at_workspace and mode = unit.mode and user_id = turn_user_id;
      if own.person_id <> turn_user_id then
        select json_agg(json_build_array(each.traits, each.facts)) into known
          from (
            select own.traits, own.facts where own.facts is not null or own.traits <> '{}'
            union all
            select linked.traits, linked.facts from users linked
              where linked.workspace_id = at_workspace and linked.mode = unit.mode
                and linked.person_id = own.person_id and linked.person_id <> linked.user_id
                and linked.user_id <> turn_user_id
          ) each;
      elsif own.facts is not null or own.traits <> '{}' then
        known := json_build_array(json_build_array(own.traits, own.facts));
      end if;
    end if;

    insert into messages
        (workspace_id, conversation_id, seq, id, turn_id, role, text, tokens, metadata, created_at)
      values (at_workspace, at_id, seq_base, unit.message_id, unit.turn_id, 'user', unit.message, unit.tokens,
        unit.metadata, unit.at);
    insert into turns
        (workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status, seq_base,
        owner, lease_until, period_start, quota_owners, context, created_at, started_at,
        message_count, attempt, fence, charged, input_tokens, output_tokens)
      values (at_workspace, unit.turn_id, at_id, unit.bot_id, unit.bot_version, turn_user_id, unit.channel, unit.mode,
        unit.principal, 'running', seq_base, unit.owner, ${leaseUntil('unit.lease_ms')}, unit.period_start,
        case when conversation_status <> 'human' then unit.quota_owners end, unit.context, unit.at, unit.at,
        1, 1, 1, 0, 0, 0);
    return next;
  end loop;
  if is_shared then
    for place in 1 .. coalesce(array_length(taken, 1), 0) loop
      continue when taken[place] = 0;
      share := takings -> (place - 1);
      update quota_periods set reserved = reserved - taken[place]
        where workspace_id = share ->> 'workspace_id' and owner_id = share ->> 'owner_id'
          and period_start = (share ->> 'period_start')::bigint;
    end loop;
  end if;
end`,
});

/**
 * For several workspaces, one after the other in the order of the list: `[{workspace, units, takings}]`. Rows say which
 * they are of, counted from 1.
 */
export const acceptTurnsSql = `select at_group.place::int as place, outcome.*
  from json_array_elements($1::json) with ordinality as at_group (value, place)
  cross join lateral ${acceptTurnsFunction.name}(at_group.value ->> 'workspace', at_group.value -> 'units',
    at_group.value -> 'takings') as outcome`;
