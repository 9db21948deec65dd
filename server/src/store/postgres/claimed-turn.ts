import { noMemory, type TurnMemory, type WantedMemory } from '../../core/memory/turn-memory.ts';
import type { ClaimedTurn, Turn, TurnMessage } from '../../core/turn/turn.ts';
import { type KnownValues, mayNeedSummary, type SummaryValues, toTurnMemory } from '../turn-memory-rows.ts';
import { type MessageValues, toTurnMessage } from '../turn-message-rows.ts';
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
  const turn = toTurn(row);
  const memory = await readMemory(statements, turn, { historyLimit, memory: allMemory });
  const conversation = await statements.get<{ status: ClaimedTurn['conversationStatus'] }>(
    'conversationStatus',
    row.workspace_id,
    row.conversation_id,
  );
  return {
    turn,
    messages: messages.map(toTurnMessage),
    history,
    memory,
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

/** The bot's version decides what of it is shown, where it was not asked before. */
const allMemory: WantedMemory = { facts: true, summary: true };

/** What is remembered for a turn: two rows at most, but for linked users. */
export const readMemory = async (
  statements: TurnStatements,
  { workspaceId, mode, userId, conversationId, seqBase }: Turn,
  { historyLimit, memory }: { historyLimit: number; memory?: WantedMemory },
): Promise<TurnMemory> => {
  if (!memory) return noMemory;
  const known =
    memory.facts && userId !== null ? await statements.list<KnownValues>('findKnown', workspaceId, mode, userId) : [];
  const [summary] = mayNeedSummary(memory, { seqBase, historyLimit })
    ? await statements.list<SummaryValues>('findSummary', workspaceId, conversationId)
    : [];
  return toTurnMemory(known, summary);
};
