import type { MessageRole } from '../../core/conversation/conversation.ts';
import type { ClaimedTurn, TurnMessage } from '../../core/turn/turn.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import type { SqliteConnection } from './connection.ts';
import { historySql, turnSql } from './turn-sql.ts';

/** A turn of the store with its messages and what came before it. */
export const claimedTurn = (connection: SqliteConnection, row: TurnRow, historyLimit: number): ClaimedTurn => {
  const place = [row.workspace_id, row.conversation_id, row.seq_base] as const;
  const messages = connection.list<MessageValues>(turnSql.listTurnMessages, ...place, row.seq_base + row.message_count);
  return {
    turn: toTurn(row),
    messages: messages.map(toTurnMessage),
    history: readHistory(connection, place, historyLimit),
    conversationStatus:
      connection.get<{ status: ClaimedTurn['conversationStatus'] }>(
        turnSql.conversationStatus,
        row.workspace_id,
        row.conversation_id,
      )?.status ?? 'open',
  };
};

/** At most `limit` messages that stand before a place, oldest first. */
export const readHistory = (
  connection: SqliteConnection,
  place: readonly [workspaceId: string, conversationId: string, seq: number],
  limit: number,
): TurnMessage[] =>
  limit === 0
    ? []
    : connection
        .list<MessageValues>(historySql(limit), ...place)
        .map(toTurnMessage)
        .toReversed();

type MessageValues = [seq: number, turnId: string | null, role: MessageRole, text: string, tokens: number];

const toTurnMessage = ([seq, turnId, role, text, tokens]: MessageValues): TurnMessage => ({
  seq,
  turnId,
  role,
  text,
  tokens,
});
