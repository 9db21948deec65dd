import { turnSeats } from '../../core/conversation/conversation.ts';
import type { ClaimedTurn, FinishedTurn, FinishTurn, Lease, Turn } from '../../core/turn/turn.ts';
import { endOf, replyOf } from '../ended-turn.ts';
import { eventOf } from '../event-of-end.ts';
import type { TurnRow } from '../turn-rows.ts';
import { claimedTurn } from './claimed-turn.ts';
import type { SqliteConnection } from './connection.ts';
import { insertMessage } from './insert-message.ts';
import { settle } from './quota-units.ts';
import { turnSql } from './turn-sql.ts';

/** T2 as a unit. The first statement is the fence: where it changes nothing, nothing else happens. */
export const finishTurn =
  (input: FinishTurn) =>
  (connection: SqliteConnection): FinishedTurn | null => {
    const { turn, at } = input;
    const result = endOf(input);
    const ended = connection.run(
      turnSql.endTurn,
      ...[input.status, input.finishReason, input.errorCode, input.model, input.inputTokens, input.outputTokens],
      ...[result.charged, at, turn.workspaceId, turn.id, turn.fence],
    );
    if (ended === 0) return null;
    const reply = replyOf(input);
    if (reply) insertMessage(connection, reply);
    settle(connection, result, at);
    connection.run(turnSql.insertRecord, turn.workspaceId, turn.id, input.receipt, input.log, at);
    const event = eventOf(input);
    const { workspaceId, id, type, subjectId, createdAt } = event;
    const heldUntil = at + (input.eventHeldMs ?? 0);
    const told = connection.run(turnSql.insertEvent, workspaceId, id, type, subjectId, createdAt, heldUntil);
    return {
      result: { turn: result, reply },
      event: told > 0 && heldUntil > at ? { ...event, heldUntil } : null,
      next: passConversation(connection, turn, input),
    };
  };

/** Gives the conversation to its oldest waiting turn, and the turn to this process, unless it takes on no more. */
export const passConversation = (
  connection: SqliteConnection,
  ended: Turn,
  options: { lease: Lease | null; historyLimit: number; at: number },
): ClaimedTurn | null => {
  const { workspaceId, conversationId } = ended;
  const place = [workspaceId, conversationId, ended.id] as const;
  if (connection.run(turnSql.leaveConversation, options.at, ...place, ended.seqBase + turnSeats) === 1) return null;
  const next = connection.get<{ id: string }>(turnSql.findNextWaiting, workspaceId, conversationId, ended.seqBase);
  const passed = connection.run(turnSql.passConversation, options.at, next?.id ?? null, ...place);
  if (passed === 0 || !next || !options.lease) return null;
  return startWaiting(
    connection,
    { workspaceId, turnId: next.id },
    {
      lease: options.lease,
      historyLimit: options.historyLimit,
      at: options.at,
    },
  );
};

/** Starts a waiting turn under this process's lease; null where somebody else did. */
export const startWaiting = (
  connection: SqliteConnection,
  turn: { workspaceId: string; turnId: string },
  options: { lease: Lease; historyLimit: number; at: number },
): ClaimedTurn | null => {
  const { lease, at } = options;
  const row = connection.get<TurnRow>(
    turnSql.startTurn,
    ...[lease.owner, at + lease.durationMs, at, turn.workspaceId, turn.turnId],
  );
  return row ? claimedTurn(connection, row, options.historyLimit) : null;
};
