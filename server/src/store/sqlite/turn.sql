-- Every statement on the path of a turn, as it is prepared. What is remembered for seconds (keys, bots, terms, the
-- size of a knowledge base) is read beside it. Written by:
--   npx vitest run --project fast server/test/turn-sql.test.ts --update

-- insertKey
insert into idempotency_keys
    (workspace_id, principal, route, key, fingerprint, subject_id, expires_at, sealed)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) on conflict do nothing;

-- findKey
select fingerprint, subject_id, expires_at from idempotency_keys
    where workspace_id = ?1 and principal = ?2 and route = ?3 and key = ?4;

-- replaceKey
update idempotency_keys set fingerprint = ?5, subject_id = ?6, expires_at = ?7
    where workspace_id = ?1 and principal = ?2 and route = ?3 and key = ?4;

-- pointKey
update idempotency_keys set subject_id = ?1
    where workspace_id = ?2 and principal = ?3 and route = ?4 and key = ?5;

-- isBotKept
select 1 as kept from bots where workspace_id = ?1 and id = ?2 and deleted_at is null;

-- findConversation
select conversations.id, conversations.bot_id, conversations.user_id, conversations.mode,
  conversations.status, conversations.active_turn_id, conversations.next_seq from conversations
    where workspace_id = ?1 and id = ?2 and deleted_at is null;

-- findCurrentConversation
select conversations.id, conversations.bot_id, conversations.user_id, conversations.mode,
  conversations.status, conversations.active_turn_id, conversations.next_seq from current_conversations join conversations
    on conversations.workspace_id = current_conversations.workspace_id
      and conversations.id = current_conversations.conversation_id
    where current_conversations.workspace_id = ?1 and current_conversations.bot_id = ?2
      and current_conversations.user_id = ?3 and current_conversations.mode = ?4
      and conversations.deleted_at is null and conversations.status <> 'closed';

-- insertConversation
insert into conversations
    (workspace_id, id, bot_id, user_id, channel, mode, status, next_seq, metadata, created_at, updated_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, '{}', ?8, ?8);

-- insertUser
insert into users (workspace_id, mode, user_id, person_id, traits, created_at)
    values (?1, ?2, ?3, ?3, '{}', ?4) on conflict do nothing;

-- isSamePerson
select 1 as same from users as one join users as other
    on other.workspace_id = one.workspace_id and other.mode = one.mode and other.person_id = one.person_id
    where one.workspace_id = ?1 and one.mode = ?2 and one.user_id = ?3 and other.user_id = ?4;

-- setCurrentConversation
insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
    values (?1, ?2, ?3, ?4, ?5) on conflict do update set conversation_id = excluded.conversation_id;

-- setCurrentOfPerson
insert into current_conversations (workspace_id, bot_id, user_id, mode, conversation_id)
    select ?1, ?2, user_id, ?4, ?5 from users where workspace_id = ?1 and mode = ?4 and user_id = ?3
    union
    select ?1, ?2, linked.user_id, ?4, ?5 from users as one join users as linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id
      where one.workspace_id = ?1 and one.mode = ?4 and one.user_id = ?3
    on conflict do update set conversation_id = excluded.conversation_id;

-- holdConversation
update conversations set active_turn_id = coalesce(active_turn_id, ?1), next_seq = next_seq + ?2,
      updated_at = ?3, status = case status when 'closed' then 'open' else status end
    where workspace_id = ?4 and id = ?5;

-- listWaiting
select workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at from turns
    where workspace_id = ?1 and conversation_id = ?2 and status = 'queued'
      and seq_base > (select seq_base from turns where workspace_id = ?1 and id = ?3)
    order by seq_base limit ?4;

-- listAllWaiting
select workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at from turns where status = 'queued' limit ?1;

-- insertMessage
insert into messages
    (workspace_id, conversation_id, seq, id, turn_id, role, text, parts, tokens, metadata, citations, created_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);

-- findMessage
select * from messages where workspace_id = ?1 and conversation_id = ?2 and seq = ?3;

-- listMessages
select seq, id, text from messages where workspace_id = ?1 and conversation_id = ?2
    and seq in (select value from json_each(?3));

-- listTurnMessages
select seq, turn_id, role, text, tokens from messages
    where workspace_id = ?1 and conversation_id = ?2 and seq >= ?3 and seq < ?4 order by seq;

-- sumTokens
select coalesce(sum(tokens), 0) as tokens from messages
    where workspace_id = ?1 and conversation_id = ?2 and seq >= ?3 and seq < ?4;

-- findKnown
select traits, facts from users
      where workspace_id = ?1 and mode = ?2 and user_id = ?3 and (facts is not null or traits <> '{}')
    union all
    select linked.traits, linked.facts from users as one join users as linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id and linked.user_id <> one.user_id
      where one.workspace_id = ?1 and one.mode = ?2 and one.user_id = ?3 and one.person_id <> one.user_id;

-- findSummary
select summary, summary_tokens from conversation_memories
    where workspace_id = ?1 and conversation_id = ?2 and summary is not null;

-- insertTurn
insert into turns
    (workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status, seq_base, owner,
     lease_until, period_start, quota_owners, context, created_at, started_at,
     message_count, attempt, fence, charged, input_tokens, output_tokens)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 1, 1, 1, 0, 0, 0);

-- addToTurn
update turns set message_count = message_count + 1, context = ?1 where workspace_id = ?2 and id = ?3;

-- findTurn
select workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at from turns where workspace_id = ?1 and id = ?2;

-- isConversationKept
select 1 as kept from conversations
    where workspace_id = ?1 and id = ?2 and deleted_at is null
      and not exists (select 1 from bots where bots.workspace_id = conversations.workspace_id
        and bots.id = conversations.bot_id and bots.deleted_at is not null);

-- requestStop
update turns set stop_request = coalesce(stop_request, ?1)
    where workspace_id = ?2 and id = ?3 and status = 'running';

-- insertPeriod
insert into quota_periods (workspace_id, owner_id, period_start, period_end, reserved, used)
    values (?1, ?2, ?3, ?4, 0, 0) on conflict do nothing;

-- findPeriod
select used, reserved from quota_periods
    where workspace_id = ?1 and owner_id = ?2 and period_start = ?3;

-- reserve
update quota_periods set reserved = reserved + 1, hard_limit = ?4, warn_at = ?5
    where workspace_id = ?1 and owner_id = ?2 and period_start = ?3 and (?4 is null or used + reserved < ?4);

-- setOwners
update turns set quota_owners = ?1
    where workspace_id = ?2 and id = ?3 and fence = ?4 and status = 'running' and quota_owners is null;

-- findOwners
select quota_owners from turns
    where workspace_id = ?1 and id = ?2 and fence = ?3 and status = 'running';

-- settle
update quota_periods set reserved = reserved - 1, used = used + ?4
    where workspace_id = ?1 and owner_id = ?2 and period_start = ?3 and reserved > 0;

-- chargeUnreserved
update quota_periods set used = used + ?4
    where workspace_id = ?1 and owner_id = ?2 and period_start = ?3;

-- findReached
select case when used >= hard_limit and used - ?4 < hard_limit then 'limit' else 'warn_at' end as reached
    from quota_periods
    where workspace_id = ?1 and owner_id = ?2 and period_start = ?3
      and ((used >= warn_at and used - ?4 < warn_at) or (used >= hard_limit and used - ?4 < hard_limit));

-- insertCharge
insert into quota_ledger
    (workspace_id, owner_id, id, period_start, turn_id, bot_id, channel, messages, created_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- addUsage
insert into usage_daily
    (workspace_id, mode, day, bot_id, channel, turns, messages, input_tokens, output_tokens)
    values (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8)
    on conflict do update set turns = turns + 1, messages = messages + excluded.messages,
      input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens;

-- endTurn
update turns set status = ?1, finish_reason = ?2, error_code = ?3, model = ?4, input_tokens = ?5,
      output_tokens = ?6, charged = ?7, completed_at = ?8, partial_text = null, owner = null, lease_until = null,
      stop_request = null
    where workspace_id = ?9 and id = ?10 and fence = ?11 and status = 'running';

-- findNextWaiting
select id from turns where workspace_id = ?1 and conversation_id = ?2 and status = 'queued'
    and seq_base > ?3 order by seq_base limit 1;

-- leaveConversation
update conversations set updated_at = ?1, active_turn_id = null
    where workspace_id = ?2 and id = ?3 and active_turn_id = ?4 and next_seq = ?5;

-- passConversation
update conversations set updated_at = ?1, active_turn_id = ?2
    where workspace_id = ?3 and id = ?4 and active_turn_id = ?5;

-- insertRecord
insert into turn_records (workspace_id, turn_id, receipt, log, ended_at) values (?1, ?2, ?3, ?4, ?5)
    on conflict do update set receipt = coalesce(excluded.receipt, receipt), log = excluded.log,
      ended_at = excluded.ended_at;

-- findCharge
select messages from quota_ledger
    where workspace_id = ?1 and owner_id = ?2 and id >= ?3 and turn_id = ?4 limit 1;

-- findRecord
select receipt, log from turn_records where workspace_id = ?1 and turn_id = ?2;

-- insertEvent
insert into outbox (workspace_id, id, type, subject_id, attempts, available_at, created_at)
    select ?1, ?2, ?3, ?4, 0, ?6, ?5
    where exists (select 1 from webhook_endpoints where workspace_id = ?1 and status = 'enabled');

-- startTurn
update turns set status = 'running', owner = ?1, lease_until = ?2, started_at = ?3, fence = fence + 1
    where workspace_id = ?4 and id = ?5 and status = 'queued' returning workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at;

-- keepPartial
update turns set partial_text = ?1, lease_until = ?2
    where workspace_id = ?3 and id = ?4 and fence = ?5 and status = 'running';

-- keepReceipt
insert into turn_records (workspace_id, turn_id, receipt, log, ended_at) values (?1, ?2, ?3, null, ?4)
    on conflict do update set receipt = excluded.receipt;

-- renew
update turns set lease_until = ?1
    where workspace_id = ?2 and id = ?3 and fence = ?4 and status = 'running' returning stop_request;

-- cancelWaiting
update turns set status = 'cancelled', finish_reason = 'cancelled', completed_at = ?1, fence = fence + 1
    where workspace_id = ?2 and id = ?3 and status = 'queued' returning workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at;

-- listAbandoned
select workspace_id, id, status, partial_text, stop_request, owner is null as released from turns
    where status = 'running' and (lease_until < ?1 or (?2 = 1 and owner <> ?3))
      and id not in (select value from json_each(?5))
    union all
    select turns.workspace_id, turns.id, turns.status, null, null, 0 from turns join conversations
      on conversations.workspace_id = turns.workspace_id and conversations.id = turns.conversation_id
        and conversations.active_turn_id = turns.id
    where turns.status = 'queued' limit ?4;

-- release
update turns set owner = null, lease_until = 0, fence = fence + 1
    where workspace_id = ?1 and id = ?2 and fence = ?3 and status = 'running';

-- takeTurn
update turns set owner = ?1, lease_until = ?2, attempt = attempt + 1, fence = fence + 1
    where workspace_id = ?3 and id = ?4 and status = 'running' returning workspace_id, id, conversation_id, bot_id, bot_version, user_id, channel, mode, principal, status,
  finish_reason, error_code, seq_base, message_count, attempt, fence, period_start, quota_owners, charged, context, model,
  input_tokens, output_tokens, created_at, started_at, completed_at;

-- conversationStatus
select status from conversations where workspace_id = ?1 and id = ?2;

-- pruneLogs
update turn_records set log = null where (workspace_id, turn_id) in
    (select workspace_id, turn_id from turn_records where log is not null and ended_at < ?1 order by ended_at limit ?2);

-- history
select seq, turn_id, role, text, tokens from messages
      where workspace_id = ?1 and conversation_id = ?2 and seq < ?3 order by seq desc limit 20;

-- events: take
update outbox set available_at = ?1 where (workspace_id, id) in
    (select workspace_id, id from outbox where available_at <= ?2 order by available_at limit ?3)
    returning workspace_id, id, type, subject_id, created_at;

-- events: release
update outbox set available_at = ?1 where workspace_id = ?2 and id = ?3 and available_at = ?4;

-- events: remove
delete from outbox where workspace_id = ?1 and id = ?2 and available_at = ?3;

-- events: insertDelivery
insert into webhook_deliveries
    (workspace_id, id, endpoint_id, event_id, type, subject_id, event_at, status, attempts, fence, next_attempt_at,
     attempted_at, response_status, duration_ms, error, created_at, ended_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17);

-- events: countWaiting
select count(*) as count from (select 1 from webhook_deliveries
    where workspace_id = ?1 and endpoint_id = ?2 and status = 'pending' limit ?3) as waiting;

-- events: destinations
select webhook_endpoints.*, secret.id as secret_id, secret.ciphertext
    from webhook_endpoints left join encrypted_secrets as secret
      on secret.workspace_id = webhook_endpoints.workspace_id and secret.purpose = 'webhook_secret'
        and secret.subject_id = webhook_endpoints.id and (secret.expires_at is null or secret.expires_at > ?2)
    where webhook_endpoints.workspace_id = ?1 and status = 'enabled' order by webhook_endpoints.id desc, secret.id desc;

-- postings
select "postings"."term", "postings"."source_id", "postings"."entries" from "postings" inner join "source_pages" on "source_pages"."workspace_id" = "postings"."workspace_id" and "source_pages"."bot_id" = "postings"."bot_id" and "source_pages"."source_id" = "postings"."source_id" and "source_pages"."version" = "postings"."revision" where "postings"."workspace_id" = ? and "postings"."bot_id" = ? and "postings"."term" in (?, ?, ?, ?) limit cast(? as bigint);

-- chunks
with "wanted"("source_id", "number", "position") as (values (?, cast(? as bigint), cast(? as bigint)), (?, cast(? as bigint), cast(? as bigint)), (?, cast(? as bigint), cast(? as bigint)), (?, cast(? as bigint), cast(? as bigint))) select "chunks"."id", "chunks"."source_id", "chunks"."position", "chunks"."headings", "chunks"."text", "chunks"."tokens", "chunks"."page", "chunks"."anchor", "sources"."title", "source_pages"."title" as "page_title", "sources"."url", "source_pages"."url" as "page_url" from "wanted" inner join "source_pages" on "source_pages"."source_id" = "wanted"."source_id" and "source_pages"."number" = "wanted"."number" inner join "chunks" on "chunks"."workspace_id" = "source_pages"."workspace_id" and "chunks"."bot_id" = "source_pages"."bot_id" and "chunks"."source_id" = "source_pages"."source_id" and "chunks"."revision" = "source_pages"."version" and "chunks"."position" = "wanted"."position" inner join "sources" on "sources"."workspace_id" = "source_pages"."workspace_id" and "sources"."bot_id" = "source_pages"."bot_id" and "sources"."id" = "source_pages"."source_id" where "source_pages"."workspace_id" = ? and "source_pages"."bot_id" = ?;

-- recall_conversation

  select conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled from conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.workspace_id = ? and conversations.id = ? and conversations.deleted_at is null;

-- recall_conversations

  select conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled,
    exists (select 1 from users as one where one.workspace_id = ? and one.mode = ? and one.user_id = ?
      and one.person_id <> one.user_id) as is_linked
  from conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.workspace_id = ? and conversations.mode = ? and conversations.user_id = ?
    and conversations.bot_id = ? and conversations.deleted_at is null
  order by conversations.id desc limit cast(? as bigint);

-- recall_conversations_of_person

  select conversations.id, conversations.next_seq, memories.packed_seq, memories.revision,
    conversations.active_turn_id is null and conversations.status <> 'human' and coalesce((
      select turns.finish_reason from turns
      where turns.workspace_id = conversations.workspace_id and turns.conversation_id = conversations.id
      order by turns.seq_base desc limit 1), '') <> 'human' as is_settled
  from (
    select cast(? as text) as user_id
    union
    select linked.user_id from users as one join users as linked
      on linked.workspace_id = one.workspace_id and linked.mode = one.mode and linked.person_id = one.person_id
        and linked.person_id <> linked.user_id
      where one.workspace_id = ? and one.mode = ? and one.user_id = ?
        and one.person_id <> one.user_id
  ) as person
  cross join conversations left join conversation_memories as memories
  on memories.workspace_id = conversations.workspace_id and memories.conversation_id = conversations.id
  where conversations.user_id = person.user_id and conversations.workspace_id = ?
    and conversations.mode = ? and conversations.bot_id = ? and conversations.deleted_at is null
  order by conversations.id desc limit cast(? as bigint);

-- recall_segments

  select conversation_id, first_seq, last_seq, packed from recall_segments
  where workspace_id = ? and conversation_id in (?, ?, ?, ?)
  order by conversation_id desc, first_seq desc limit cast(? as bigint);

-- recall_unpacked

  select messages.conversation_id, messages.seq, messages.id, messages.role,
    substr(messages.text, 1, 4000) as text, messages.tokens, messages.created_at
  from (values (cast(? as text), cast(? as bigint), cast(? as bigint)), (cast(? as text), cast(? as bigint), cast(? as bigint)), (cast(? as text), cast(? as bigint), cast(? as bigint)), (cast(? as text), cast(? as bigint), cast(? as bigint))) as listed cross join messages
  where messages.workspace_id = ? and messages.conversation_id = listed.column1
    and messages.seq > listed.column2 and messages.seq < listed.column3
  order by messages.conversation_id desc, messages.seq desc limit cast(? as bigint);

-- recall_texts

  select messages.conversation_id, messages.seq, messages.id, messages.role, messages.text, messages.tokens,
    messages.created_at
  from (values (cast(? as text), cast(? as bigint)), (cast(? as text), cast(? as bigint)), (cast(? as text), cast(? as bigint)), (cast(? as text), cast(? as bigint))) as listed cross join messages
  where messages.workspace_id = ? and messages.conversation_id = listed.column1
    and messages.seq = listed.column2;
