import { turnSeats } from '../../core/conversation/conversation.ts';
import type { TurnWithReply } from '../../core/turn/turn.ts';
import type { MessagesTable } from '../tables/messages.ts';
import { toMessage, toTurn, type TurnRow } from '../turn-rows.ts';
import type { TurnStatements } from './turn-statements.ts';

/** A turn of a conversation that was not deleted, and its reply where it has one: the message on the last of its places. */
export const findTurnWithReply = async (
  statements: TurnStatements,
  workspaceId: string,
  turnId: string,
): Promise<TurnWithReply | null> => {
  const row = await statements.get<TurnRow & { reply: MessagesTable | null }>(
    'findTurnWithReply',
    workspaceId,
    turnId,
    turnSeats - 1,
  );
  return row ? { turn: toTurn(row), reply: row.reply && toMessage(row.reply) } : null;
};
