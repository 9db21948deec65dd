import type { Principal } from '../access/principal.ts';
import type { BotReader } from '../bot/bot-store.ts';
import { notFound } from '../error.ts';
import type { KnowledgeReader } from '../knowledge/knowledge-store.ts';
import { instructionsOf } from './answer-turn.ts';
import { findTurn } from './find-turn.ts';
import type { Receipt, ReceiptItem, ReceiptKind } from './receipt.ts';
import type { Turn } from './turn.ts';
import type { TurnReader } from './turn-store.ts';

export type ReceiptParts = { turns: TurnReader; bots: BotReader; knowledge: KnowledgeReader };

export type ReadItem = ReceiptItem & {
  /** Null once the message or the source it came from was deleted. */
  text: string | null;
};

export type ReadReceipt = {
  turn: Turn;
  receipt: Omit<Receipt, 'sections'> & {
    sections: { kind: ReceiptKind; tokens: number; items: ReadItem[] }[];
  };
};

/** The receipt of a turn with the texts it speaks of. Throws not_found, also where no model was asked. */
export const readReceipt = async (parts: ReceiptParts, principal: Principal, turnId: string): Promise<ReadReceipt> => {
  const { turn } = await findTurn(parts.turns, principal, turnId);
  const record = await parts.turns.findRecord(turn.workspaceId, turn.id);
  if (!record?.receipt) throw notFound('receipt: no model was asked in this turn');
  const receipt = JSON.parse(record.receipt) as Receipt;
  const textOf = await textsOf(parts, turn, receipt);
  const sections = receipt.sections.map(({ kind, tokens, items }) => ({
    kind,
    tokens,
    items: items.map((item) => ({ ...item, text: textOf(kind, item) })),
  }));
  return { turn, receipt: { ...receipt, sections } };
};

const textsOf = async (
  parts: ReceiptParts,
  turn: Turn,
  receipt: Receipt,
): Promise<(kind: ReceiptKind, item: ReceiptItem) => string | null> => {
  const items = receipt.sections.flatMap((section) => section.items);
  const messageIds = items.flatMap(({ messageId }) => messageId ?? []);
  const chunkIds = items.flatMap(({ chunkId }) => chunkId ?? []);
  const messages = await parts.turns.findMessageTexts(turn.workspaceId, messageIds);
  const chunks = await parts.knowledge.chunkTexts(turn.workspaceId, chunkIds);
  const bot = await parts.bots.findVersion(turn.workspaceId, turn.botId, turn.botVersion);
  const instructions = bot && instructionsOf(bot);
  return (kind, item) => {
    if (item.messageId) return messages.get(item.messageId) ?? null;
    if (item.chunkId) return chunks.get(item.chunkId) ?? null;
    if (kind === 'facts')
      return Object.entries(turn.context)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n');
    // composed again; another version of the program may word it differently, and then what was sent is not known
    return instructions && instructions.hash === item.hash ? instructions.text : null;
  };
};
