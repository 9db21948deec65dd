import { turnSeats } from '../../core/conversation/conversation.ts';
import { isEnded, type TurnWithReply } from '../../core/turn/turn.ts';
import type { MessagesTable } from '../tables/messages.ts';
import { toMessage, toTurn, type TurnRow } from '../turn-rows.ts';
import type { SqliteConnection } from './connection.ts';
import { turnSql } from './turn-sql.ts';

/** A turn of a conversation that was not deleted, and its reply where it has one: the message on the last of its places. */
export const findTurnWithReply = (
  connection: SqliteConnection,
  workspaceId: string,
  turnId: string,
): TurnWithReply | null => {
  const row = connection.get<TurnRow>(turnSql.findTurn, workspaceId, turnId);
  // what is left of a deleted conversation until its rows are removed is nobody's to read
  if (!row || !connection.get(turnSql.isConversationKept, workspaceId, row.conversation_id)) return null;
  const reply = isEnded(row.status)
    ? connection.get<MessagesTable>(turnSql.findMessage, workspaceId, row.conversation_id, row.seq_base + turnSeats - 1)
    : undefined;
  return { turn: toTurn(row), reply: reply ? toMessage(reply) : null };
};
