import { textParts, turnSeats } from '../../core/conversation/conversation.ts';
import { notFound, ParleyError } from '../../core/error.ts';
import { mayJoin, type WaitingTurn } from '../../core/turn/may-join.ts';
import type { AcceptedTurn, AcceptTurn, Turn } from '../../core/turn/turn.ts';
import {
  claimOf,
  firstSeqOf,
  greetingSeq,
  type HeldConversation,
  messageOf,
  newTurn,
  sharesFor,
} from '../accepted-turn.ts';
import { refuseHeld } from '../held-keys-sql.ts';
import { packOwners } from '../quota-owners-text.ts';
import { packMap, toTurn, type TurnRow } from '../turn-rows.ts';
import { newId } from '../../kit/id.ts';
import { readHistory, readMemory } from './claimed-turn.ts';
import type { SqliteConnection } from './connection.ts';
import { insertMessage } from './insert-message.ts';
import { reserve } from './quota-units.ts';
import { turnSql } from './turn-sql.ts';

/** T1 as a unit: everything an accepted message needs, or nothing. */
export const acceptTurn =
  (input: AcceptTurn) =>
  (connection: SqliteConnection): AcceptedTurn => {
    const replayed = input.idempotency && claimKey(connection, input);
    if (replayed) return { kind: 'replayed', turn: replayed };
    const conversation = findConversation(connection, input) ?? insertConversation(connection, input);
    if (conversation.active_turn_id !== null) {
      const merged = joinQueue(connection, input, conversation);
      if (merged) return { kind: 'merged', turn: merged };
    }
    return insertTurn(connection, input, conversation);
  };

/** Notes the Idempotency-Key for this turn; gives the turn it made before, where it did. */
const claimKey = (connection: SqliteConnection, input: AcceptTurn): Turn | null => {
  const { route, key, fingerprint, expiresAt } = input.idempotency!;
  const place = [input.workspaceId, input.principal, route, key] as const;
  const inserted = connection.run(turnSql.insertKey, ...place, fingerprint, input.turnId, expiresAt);
  if (inserted === 1) return null;
  const known = connection.get<{ fingerprint: string; subject_id: string; expires_at: number }>(
    turnSql.findKey,
    ...place,
  );
  if (known && known.expires_at > input.at) {
    refuseHeld(known);
    if (known.fingerprint !== fingerprint) {
      throw new ParleyError('idempotency_mismatch', 'This Idempotency-Key was first sent with another body.');
    }
    const row = connection.get<TurnRow>(turnSql.findTurn, input.workspaceId, known.subject_id);
    if (row) return toTurn(row);
  }
  connection.run(turnSql.replaceKey, ...place, fingerprint, input.turnId, expiresAt);
  return null;
};

/** The conversation that is named, or else the user's current one; null where one must be started. */
const findConversation = (connection: SqliteConnection, input: AcceptTurn): HeldConversation | null => {
  if (input.conversationId !== null) {
    const row = connection.get<HeldConversation>(turnSql.findConversation, input.workspaceId, input.conversationId);
    if (!row || row.bot_id !== input.botId || row.mode !== input.mode) throw notFound('conversation');
    if (input.userId !== null && row.user_id !== input.userId && !isSamePerson(connection, input, row.user_id)) {
      throw notFound('conversation');
    }
    return row;
  }
  if (input.userId === null || input.newConversation) return null;
  const place = [input.workspaceId, input.botId, input.userId, input.mode] as const;
  return connection.get<HeldConversation>(turnSql.findCurrentConversation, ...place) ?? null;
};

const isSamePerson = (connection: SqliteConnection, input: AcceptTurn, userId: string | null): boolean =>
  userId !== null &&
  connection.get(turnSql.isSamePerson, input.workspaceId, input.mode, input.userId, userId) !== undefined;

const insertConversation = (connection: SqliteConnection, input: AcceptTurn): HeldConversation => {
  const { workspaceId, userId, greeting, at } = input;
  // the caller may remember a bot that was deleted since; what it had is deleted with it, and nothing new may be added
  if (!connection.get(turnSql.isBotKept, workspaceId, input.botId)) throw notFound('bot');
  const id = input.newConversationId;
  const nextSeq = firstSeqOf(input);
  connection.run(
    turnSql.insertConversation,
    workspaceId,
    id,
    input.botId,
    userId,
    input.channel,
    input.mode,
    nextSeq,
    at,
  );
  if (userId !== null) {
    const isNew = connection.run(turnSql.insertUser, workspaceId, input.mode, userId, at) === 1;
    const setCurrent = isNew ? turnSql.setCurrentConversation : turnSql.setCurrentOfPerson;
    connection.run(setCurrent, workspaceId, input.botId, userId, input.mode, id);
  }
  connection.run(turnSql.insertEvent, workspaceId, newId('evt'), 'conversation.created', id, at, at);
  if (greeting) {
    insertMessage(connection, {
      ...messageOf(input, { conversationId: id, turnId: null, seq: greetingSeq }),
      id: greeting.id,
      role: 'assistant',
      parts: textParts(greeting.text),
      tokens: greeting.tokens,
      metadata: {},
    });
  }
  return {
    id,
    bot_id: input.botId,
    user_id: userId,
    mode: input.mode,
    status: 'open',
    active_turn_id: null,
    next_seq: nextSeq,
  };
};

/**
 * What `on_busy` says where a turn holds the conversation: refuses, joins the waiting turn (which is returned), or lets
 * the new turn wait, also where it would have joined and does not fit.
 */
const joinQueue = (connection: SqliteConnection, input: AcceptTurn, conversation: HeldConversation): Turn | null => {
  if (input.onBusy === 'reject') {
    throw new ParleyError('conversation_busy', undefined, { retryAfterSeconds: 1 });
  }
  const waiting = connection.all<TurnRow>(
    turnSql.listWaiting,
    ...[input.workspaceId, conversation.id, conversation.active_turn_id, input.maxQueued],
  );
  const last = waiting.at(-1);
  if (input.onBusy === 'merge' && last && mayJoin(waitingOf(connection, last), input)) {
    return mergeInto(connection, input, last);
  }
  if (waiting.length >= input.maxQueued) {
    throw new ParleyError('too_many_queued', `${waiting.length} messages wait in this conversation already.`, {
      retryAfterSeconds: 2,
    });
  }
  return null;
};

const waitingOf = (connection: SqliteConnection, row: TurnRow): WaitingTurn => {
  const place = [row.workspace_id, row.conversation_id, row.seq_base, row.seq_base + row.message_count] as const;
  const messageTokens = connection.get<{ tokens: number }>(turnSql.sumTokens, ...place)?.tokens ?? 0;
  return { context: toTurn(row).context, messageCount: row.message_count, messageTokens };
};

const mergeInto = (connection: SqliteConnection, input: AcceptTurn, row: TurnRow): Turn => {
  const seq = row.seq_base + row.message_count;
  insertMessage(connection, messageOf(input, { conversationId: row.conversation_id, turnId: row.id, seq }));
  connection.run(turnSql.addToTurn, packMap({ ...toTurn(row).context, ...input.context }), input.workspaceId, row.id);
  if (input.idempotency) {
    const { route, key } = input.idempotency;
    connection.run(turnSql.pointKey, row.id, input.workspaceId, input.principal, route, key);
  }
  return toTurn({ ...row, message_count: row.message_count + 1 });
};

const insertTurn = (connection: SqliteConnection, input: AcceptTurn, conversation: HeldConversation): AcceptedTurn => {
  const startsNow = conversation.active_turn_id === null;
  const shares = sharesFor(input, conversation.status);
  const quota = reserve(connection, input.workspaceId, { ...input.quota, shares });
  const turn = newTurn(input, conversation, startsNow);
  const { workspaceId, id, seqBase } = turn;
  insertMessage(connection, messageOf(input, { conversationId: conversation.id, turnId: id, seq: seqBase }));
  connection.run(turnSql.holdConversation, id, turnSeats, input.at, workspaceId, conversation.id);
  if (conversation.status === 'closed' && turn.userId !== null) {
    connection.run(turnSql.setCurrentOfPerson, workspaceId, turn.botId, turn.userId, turn.mode, conversation.id);
  }
  const interrupted = input.onBusy === 'interrupt' ? conversation.active_turn_id : null;
  if (interrupted !== null) connection.run(turnSql.requestStop, 'interrupt', workspaceId, interrupted);
  const { owner, durationMs } = input.lease;
  connection.run(
    turnSql.insertTurn,
    ...[workspaceId, id, turn.conversationId, turn.botId, turn.botVersion, turn.userId, turn.channel, turn.mode],
    ...[turn.principal, turn.status, seqBase, startsNow ? owner : null, startsNow ? input.at + durationMs : null],
    ...[turn.periodStart, packOwners(turn.quotaOwners)],
    ...[packMap(turn.context), turn.createdAt, turn.startedAt],
  );
  const claimed = startsNow
    ? claimOf(input, turn, {
        history: readHistory(connection, [workspaceId, turn.conversationId, seqBase], input.historyLimit),
        memory: readMemory(connection, turn, input),
        status: conversation.status,
      })
    : null;
  return { kind: 'accepted', turn, claimed, interrupted, quota };
};
