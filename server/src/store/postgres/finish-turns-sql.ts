import { leaseUntil } from './lease-clock.ts';
import { turnFunction } from './turn-function.ts';

/**
 * T2 of many turns of one workspace in one round trip and one transaction. Parameters: the workspace, and the ends as a
 * JSON list. Gives the numbers of those that it ended, and until when what
 * the outbox tells of them is held, null where it tells nothing.
 *
 * It ends a turn that has its conversation, where nobody came behind it; the rest is left to a transaction, which passes
 * the conversation on. The order of locks, and why some of them are not waited for: `accept-turns-sql.ts`. Counts of a day
 * are waited for behind the counters; in test mode, which has none, turns come in the order of what they are counted by.
 */
export const finishTurnsFunction = turnFunction('parley_finish_turns', {
  parameters: 'at_workspace text, units json',
  returns: 'table (n int, held_until bigint)',
  body: `#variable_conflict use_column
declare
  unit record;
  holder json;
  crossed boolean;
  told boolean;
begin
  told := exists (select from webhook_endpoints where workspace_id = at_workspace and status = 'enabled');
  for unit in select * from json_to_recordset(units) as unit (
    n int, turn_id text, conversation_id text, reply_seq bigint, fence bigint, status text, finish_reason text,
    error_code text, model text, input_tokens bigint, output_tokens bigint, charged bigint,
    reply_id text, reply text, reply_tokens bigint, citations text, receipt text, log text,
    event_id text, event text, event_held_ms bigint, mode text, day text, bot_id text, channel text, period_start bigint, at bigint,
    owners json, owner_count int)
  loop
    perform from conversations join turns
        on turns.workspace_id = at_workspace and turns.id = unit.turn_id and turns.fence = unit.fence
          and turns.status = 'running'
      where conversations.workspace_id = at_workspace and conversations.id = unit.conversation_id
        and conversations.active_turn_id = unit.turn_id and conversations.next_seq = unit.reply_seq + 1
      for update of conversations, turns skip locked;
    continue when not found;
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
    for place in 0 .. unit.owner_count - 1 loop
      holder := unit.owners -> place;
      update quota_periods set reserved = reserved - 1, used = used + unit.charged
        where workspace_id = holder ->> 0 and owner_id = holder ->> 1 and period_start = unit.period_start
        returning coalesce((used >= warn_at and used - unit.charged < warn_at)
          or (used >= hard_limit and used - unit.charged < hard_limit), false) into crossed;
      continue when unit.charged = 0;
      insert into quota_ledger
          (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
        values (holder ->> 0, holder ->> 1, holder ->> 2, unit.period_start, unit.turn_id, unit.bot_id, unit.channel,
          unit.charged, unit.at);
      if crossed then
        insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
          select holder ->> 0, holder ->> 3, 'usage.threshold', holder ->> 1, 0, ${leaseUntil('0')}, unit.at
          where exists (
            select from webhook_endpoints where workspace_id = holder ->> 0 and status = 'enabled');
      end if;
    end loop;
    insert into usage_daily
        (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
      values (at_workspace, unit.mode, unit.day, unit.bot_id, unit.channel, 1, unit.charged, unit.input_tokens,
        unit.output_tokens)
      on conflict (workspace_id, mode, day, bot_id, channel) do update set turns = usage_daily.turns + 1,
        messages = usage_daily.messages + excluded.messages,
        input_tokens = usage_daily.input_tokens + excluded.input_tokens,
        output_tokens = usage_daily.output_tokens + excluded.output_tokens;
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
end`,
});

export const finishTurnsSql = `select n, held_until from ${finishTurnsFunction.name}($1, $2::json)`;
