-- Every statement on the path of a turn, as it is prepared. What is remembered for seconds (keys, bots, terms, the
-- size of a knowledge base) is read beside it. Written by:
--   npx vitest run --project fast server/test/turn-sql.test.ts --update

-- parley_accept_turns_8ea8028b, which is made once
create or replace function parley_accept_turns_8ea8028b(at_workspace text, units json, takings json) returns table (n int, is_granted boolean, is_new boolean, at_id text, turn_user_id text, conversation_status text,
    seq_base bigint, counters json, history json, known json, summary json) language plpgsql set plan_cache_mode = force_generic_plan as $function$
#variable_conflict use_column
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
          seq_base + 16, '{}', unit.at, unit.at);
      if unit.greeting_id is not null then
        insert into messages (workspace_id, conversation_id, seq, id, role, text, tokens, created_at)
          values (at_workspace, at_id, 1, unit.greeting_id, 'assistant', unit.greeting, unit.greeting_tokens, unit.at);
      end if;
      insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
        select at_workspace, unit.event_id, 'conversation.created', at_id, 0, (extract(epoch from clock_timestamp()) * 1000)::bigint + 0, unit.at
        where exists (select from webhook_endpoints where workspace_id = at_workspace and status = 'enabled');
    else
      update conversations set active_turn_id = unit.turn_id, next_seq = seq_base + 16, updated_at = unit.at
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
        unit.principal, 'running', seq_base, unit.owner, (extract(epoch from clock_timestamp()) * 1000)::bigint + unit.lease_ms, unit.period_start,
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
end
$function$;

-- parley_finish_turns_9d9fdf8f, which is made once
create or replace function parley_finish_turns_9d9fdf8f(at_workspace text, units json, counters json, days json) returns table (n int, held_until bigint) language plpgsql set plan_cache_mode = force_generic_plan as $function$
#variable_conflict use_column
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
        values (at_workspace, unit.event_id, unit.event, unit.turn_id, 0, (extract(epoch from clock_timestamp()) * 1000)::bigint + unit.event_held_ms, unit.at)
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
      select counter ->> 'workspace_id', crossing.id, 'usage.threshold', counter ->> 'owner_id', 0, (extract(epoch from clock_timestamp()) * 1000)::bigint + 0,
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
end
$function$;

-- acceptTurns
select at_group.place::int as place, outcome.*
  from json_array_elements($1::json) with ordinality as at_group (value, place)
  cross join lateral parley_accept_turns_8ea8028b(at_group.value ->> 'workspace', at_group.value -> 'units',
    at_group.value -> 'takings') as outcome;

-- finishTurns
select at_group.place::int as place, outcome.n, outcome.held_until
  from json_array_elements($1::json) with ordinality as at_group (value, place)
  cross join lateral parley_finish_turns_9d9fdf8f(at_group.value ->> 'workspace', at_group.value -> 'units',
    at_group.value -> 'counters', at_group.value -> 'days') as outcome;

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

-- sumTokens
select coalesce(sum(tokens), 0) as tokens from messages
    where workspace_id = $1 and conversation_id = $2 and seq >= $3 and seq < $4;

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

-- setOwners
update turns set quota_owners = $1
    where workspace_id = $2 and id = $3 and fence = $4 and status = 'running' and quota_owners is null;

-- findOwners
select quota_owners from turns
    where workspace_id = $1 and id = $2 and fence = $3 and status = 'running';

-- settle
update quota_periods set reserved = reserved - 1, used = used + $4
    where workspace_id = $1 and owner_id = $2 and period_start = $3 and reserved > 0
    returning case when used >= hard_limit and used - $4 < hard_limit then 'limit'
      when used >= warn_at and used - $4 < warn_at then 'warn_at' end as reached;

-- chargeUnreserved
update quota_periods set used = used + $4
    where workspace_id = $1 and owner_id = $2 and period_start = $3
    returning case when used >= hard_limit and used - $4 < hard_limit then 'limit'
      when used >= warn_at and used - $4 < warn_at then 'warn_at' end as reached;

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

-- findCharge
select messages from quota_ledger
    where workspace_id = $1 and owner_id = $2 and id >= $3 and turn_id = $4 limit 1;

-- findRecord
select receipt, log from turn_records where workspace_id = $1 and turn_id = $2;

-- insertEvent
insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
    select $1, $2, $3, $4, 0, (extract(epoch from clock_timestamp()) * 1000)::bigint + $6::bigint, $5
    where exists (select from webhook_endpoints where workspace_id = $1 and status = 'enabled')
    returning available_at;

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
    select workspace_id, id from outbox where available_at <= (extract(epoch from now()) * 1000)::bigint order by available_at limit $2 for update skip locked
  )
  update outbox set available_at = (extract(epoch from clock_timestamp()) * 1000)::bigint + $1::bigint from due
  where outbox.workspace_id = due.workspace_id and outbox.id = due.id
    and outbox.workspace_id = any (array(select workspace_id from due)) and outbox.id = any (array(select id from due))
  returning outbox.workspace_id, outbox.id, outbox.type, outbox.subject_id, outbox.created_at, outbox.available_at;

-- events: release
with held as materialized (
    select * from json_to_recordset($1::json) as held (workspace_id text, id text, held_until bigint)
  )
  update outbox set available_at = (extract(epoch from clock_timestamp()) * 1000)::bigint + 0 from held
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
    case when too_much then null else (extract(epoch from clock_timestamp()) * 1000)::bigint + next_attempt_in_ms end, case when too_much then $4 else attempted_at end,
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
select "postings"."term", "postings"."source_id", "postings"."entries" from "postings" inner join "source_pages" on "source_pages"."workspace_id" = "postings"."workspace_id" and "source_pages"."bot_id" = "postings"."bot_id" and "source_pages"."source_id" = "postings"."source_id" and "source_pages"."version" = "postings"."revision" where "postings"."workspace_id" = $1 and "postings"."bot_id" = $2 and "postings"."term" in ($3, $4, $5, $6) limit cast($7 as bigint);

-- chunks
with "wanted"("source_id", "number", "position") as (values ($1, cast($2 as bigint), cast($3 as bigint)), ($4, cast($5 as bigint), cast($6 as bigint)), ($7, cast($8 as bigint), cast($9 as bigint)), ($10, cast($11 as bigint), cast($12 as bigint))) select "chunks"."id", "chunks"."source_id", "chunks"."position", "chunks"."headings", "chunks"."text", "chunks"."tokens", "chunks"."page", "chunks"."anchor", "sources"."title", "source_pages"."title" as "page_title", "sources"."url", "source_pages"."url" as "page_url" from "wanted" inner join "source_pages" on "source_pages"."source_id" = "wanted"."source_id" and "source_pages"."number" = "wanted"."number" inner join "chunks" on "chunks"."workspace_id" = "source_pages"."workspace_id" and "chunks"."bot_id" = "source_pages"."bot_id" and "chunks"."source_id" = "source_pages"."source_id" and "chunks"."revision" = "source_pages"."version" and "chunks"."position" = "wanted"."position" inner join "sources" on "sources"."workspace_id" = "source_pages"."workspace_id" and "sources"."bot_id" = "source_pages"."bot_id" and "sources"."id" = "source_pages"."source_id" where "source_pages"."workspace_id" = $13 and "source_pages"."bot_id" = $14;

-- recall_conversation

  select conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled from conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.workspace_id = $1 and conversations.id = $2 and conversations.deleted_at is null;

-- recall_conversations

  select conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled,
    exists (select 1 from users as one where one.workspace_id = $1 and one.mode = $2 and one.user_id = $3
      and one.person_id <> one.user_id) as is_linked
  from conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.workspace_id = $4 and conversations.mode = $5 and conversations.user_id = $6
    and conversations.bot_id = $7 and conversations.deleted_at is null
  order by conversations.id desc limit cast($8 as bigint);

-- recall_conversations_of_person

  select conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled
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
  order by conversations.id desc limit cast($8 as bigint);

-- recall_segments

  select conversation_id, first_seq, last_seq, packed from recall_segments
  where workspace_id = $1 and conversation_id in ($2, $3, $4, $5)
  order by conversation_id desc, first_seq desc limit cast($6 as bigint);

-- recall_unpacked

  select messages.conversation_id, messages.seq, messages.id, messages.role,
    substr(messages.text, 1, 4000) as text, messages.tokens, messages.created_at
  from (values (cast($1 as text), cast($2 as bigint), cast($3 as bigint)), (cast($4 as text), cast($5 as bigint), cast($6 as bigint)), (cast($7 as text), cast($8 as bigint), cast($9 as bigint)), (cast($10 as text), cast($11 as bigint), cast($12 as bigint))) as listed cross join messages
  where messages.workspace_id = $13 and messages.conversation_id = listed.column1
    and messages.seq > listed.column2 and messages.seq < listed.column3
  order by messages.conversation_id desc, messages.seq desc limit cast($14 as bigint);

-- recall_texts

  select messages.conversation_id, messages.seq, messages.id, messages.role, messages.text, messages.tokens,
    messages.created_at
  from (values (cast($1 as text), cast($2 as bigint)), (cast($3 as text), cast($4 as bigint)), (cast($5 as text), cast($6 as bigint)), (cast($7 as text), cast($8 as bigint))) as listed cross join messages
  where messages.workspace_id = $9 and messages.conversation_id = listed.column1
    and messages.seq = listed.column2;
