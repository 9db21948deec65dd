import { noMemory, type TurnMemory, type WantedMemory } from '../../core/memory/turn-memory.ts';
import type { ClaimedTurn, Turn, TurnMessage } from '../../core/turn/turn.ts';
import { type KnownValues, mayNeedSummary, type SummaryValues, toTurnMemory } from '../turn-memory-rows.ts';
import { type MessageValues, toTurnMessage } from '../turn-message-rows.ts';
import { toTurn, type TurnRow } from '../turn-rows.ts';
import type { SqliteConnection } from './connection.ts';
import { historySql, turnSql } from './turn-sql.ts';

/** A turn of the store with its messages and what came before it. */
export const claimedTurn = (connection: SqliteConnection, row: TurnRow, historyLimit: number): ClaimedTurn => {
  const place = [row.workspace_id, row.conversation_id, row.seq_base] as const;
  const turn = toTurn(row);
  const messages = connection.list<MessageValues>(turnSql.listTurnMessages, ...place, row.seq_base + row.message_count);
  return {
    turn,
    messages: messages.map(toTurnMessage),
    history: readHistory(connection, place, historyLimit),
    memory: readMemory(connection, turn, { historyLimit, memory: allMemory }),
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

/** The bot's version decides what of it is shown, where it was not asked before. */
const allMemory: WantedMemory = { facts: true, summary: true };

/** What is remembered for a turn: two rows at most, but for linked users. */
export const readMemory = (
  connection: SqliteConnection,
  { workspaceId, mode, userId, conversationId, seqBase }: Turn,
  { historyLimit, memory }: { historyLimit: number; memory?: WantedMemory },
): TurnMemory => {
  if (!memory) return noMemory;
  const known =
    memory.facts && userId !== null ? connection.list<KnownValues>(turnSql.findKnown, workspaceId, mode, userId) : [];
  const [summary] = mayNeedSummary(memory, { seqBase, historyLimit })
    ? connection.list<SummaryValues>(turnSql.findSummary, workspaceId, conversationId)
    : [];
  return known.length === 0 && !summary ? noMemory : toTurnMemory(known, summary);
};
