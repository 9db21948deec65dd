import type { MessageRole } from '../../core/conversation/conversation.ts';
import type { ClaimedTurn, TurnMessage } from '../../core/turn/turn.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import type { TurnStatements } from './turn-statements.ts';

/** A turn of the store with its messages and what came before it. */
export const claimedTurn = async (
  statements: TurnStatements,
  row: TurnRow,
  historyLimit: number,
): Promise<ClaimedTurn> => {
  const place = [row.workspace_id, row.conversation_id, row.seq_base] as const;
  const end = row.seq_base + row.message_count;
  const messages = await statements.list<MessageValues>('listTurnMessages', ...place, end);
  const history = await readHistory(statements, place, historyLimit);
  const conversation = await statements.get<{ status: ClaimedTurn['conversationStatus'] }>(
    'conversationStatus',
    row.workspace_id,
    row.conversation_id,
  );
  return {
    turn: toTurn(row),
    messages: messages.map(toTurnMessage),
    history,
    conversationStatus: conversation?.status ?? 'open',
  };
};

/** At most `limit` messages that stand before a place, oldest first. */
export const readHistory = async (
  statements: TurnStatements,
  place: readonly [workspaceId: string, conversationId: string, seq: number],
  limit: number,
): Promise<TurnMessage[]> => {
  if (limit === 0) return [];
  const rows = await statements.list<MessageValues>('listHistory', ...place, limit);
  return rows.map(toTurnMessage).toReversed();
};

export type MessageValues = [seq: number, turnId: string | null, role: MessageRole, text: string, tokens: number];

export const toTurnMessage = ([seq, turnId, role, text, tokens]: MessageValues): TurnMessage => ({
  seq,
  turnId,
  role,
  text,
  tokens,
});
