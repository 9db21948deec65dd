import type { Principal } from '../access/principal.ts';
import type { BotReader } from '../bot/bot-store.ts';
import { notFound } from '../error.ts';
import type { KnowledgeReader } from '../knowledge/knowledge-store.ts';
import type { RecallReader } from '../recall/recall-store.ts';
import { instructionsOf } from './answer-turn.ts';
import { findTurn } from './find-turn.ts';
import { oneLine } from './one-line.ts';
import { type Remembered, type RememberedParts, readRemembered, withoutForeignMessages } from './read-remembered.ts';
import type { LeftOut, Receipt, ReceiptItem, ReceiptKind } from './receipt.ts';
import { unpackReceipt } from './receipt-record.ts';
import type { Turn } from './turn.ts';
import type { TurnReader } from './turn-store.ts';

export type ReceiptParts = RememberedParts & {
  turns: TurnReader;
  bots: BotReader;
  knowledge: KnowledgeReader;
  recall: Pick<RecallReader, 'textsById'>;
};

export type ReadItem = Omit<ReceiptItem, 'seq' | 'messageId'> & {
  messageId: string | null;
  /** Null once the message or the source it came from was deleted. */
  text: string | null;
  /** True for a fact whose text is not for the principal, since the user said it to a bot that is none of its own. */
  withheld?: true;
  /** Of a passage: the page of its document, and a URL that leads to it. */
  place?: { page: number | null; url: string | null };
  /** When a recalled message was said, as the model was told by its day; absent once it was deleted. */
  saidAt?: number;
};

/** What is no message, with where it stands. */
type Composed = Pick<ReadItem, 'text' | 'place' | 'withheld' | 'saidAt'>;

export type ReadReceipt = {
  turn: Turn;
  receipt: Omit<Receipt, 'sections' | 'leftOut'> & {
    sections: { kind: ReceiptKind; tokens: number; items: ReadItem[] }[];
    leftOut: (Omit<LeftOut, 'seq' | 'messageId'> & {
      messageId: string | null;
      /** Of a fact that still is what was left out, and is not withheld. */
      name: string | null;
    })[];
  };
};

/**
 * The receipt of a turn with the texts it speaks of, as far as the principal may read them. Throws not_found, also where no
 * model was asked.
 */
export const readReceipt = async (parts: ReceiptParts, principal: Principal, turnId: string): Promise<ReadReceipt> => {
  const { turn } = await findTurn(parts.turns, principal, turnId);
  const record = await parts.turns.findRecord(turn.workspaceId, turn.id);
  if (!record?.receipt) throw notFound('receipt: no model was asked in this turn');
  const whole = unpackReceipt(record.receipt);
  const remembered = await readRemembered(parts, principal, { turn, receipt: whole });
  const receipt = withoutForeignMessages(whole, remembered);
  const items = receipt.sections.flatMap((section) => section.items);
  const places = [...items, ...receipt.leftOut].flatMap(({ seq }) => seq ?? []);
  const messages = await parts.turns.findMessages(turn.workspaceId, turn.conversationId, places);
  const composed = await composedTexts(parts, { turn, items, remembered });
  const nameOf = ({ reference }: LeftOut): string | null =>
    reference === undefined || remembered.foreign.has(reference) ? null : (remembered.names.get(reference) ?? null);
  return resolveReceipt(turn, receipt, { messages, composed, nameOf });
};

/** What a receipt names by place, hash and id, from messages by their places and the texts of everything else. */
export const resolveReceipt = (
  turn: Turn,
  receipt: Receipt,
  texts: {
    messages: ReadonlyMap<number, { id: string; text: string | null }>;
    composed: (kind: ReceiptKind, item: ReceiptItem) => Composed;
    nameOf: (left: LeftOut) => string | null;
  },
): ReadReceipt => {
  const { messages } = texts;
  const read = (kind: ReceiptKind, { seq, ...item }: ReceiptItem): ReadItem => {
    const message = seq === undefined ? undefined : messages.get(seq);
    const found = seq === undefined ? texts.composed(kind, item) : { text: message?.text ?? null };
    return { ...item, messageId: message?.id ?? item.messageId ?? null, ...found };
  };
  return {
    turn,
    receipt: {
      ...receipt,
      sections: receipt.sections.map((section) => ({
        ...section,
        items: section.items.map((item) => read(section.kind, item)),
      })),
      leftOut: receipt.leftOut.map(({ seq, ...rest }) => ({
        ...rest,
        name: texts.nameOf(rest),
        messageId: (seq === undefined ? rest.messageId : messages.get(seq)?.id) ?? null,
      })),
    },
  };
};

/** The texts of what is no message: passages from the knowledge base, instructions composed again, and what is remembered. */
const composedTexts = async (
  parts: ReceiptParts,
  { turn, items, remembered }: { turn: Turn; items: readonly ReceiptItem[]; remembered: Remembered },
): Promise<(kind: ReceiptKind, item: ReceiptItem) => Composed> => {
  const chunkIds = items.flatMap(({ chunkId }) => chunkId ?? []);
  const chunks = await parts.knowledge.chunkTexts(turn.workspaceId, chunkIds);
  const bot = await parts.bots.findVersion(turn.workspaceId, turn.botId, turn.botVersion);
  const instructions = bot && instructionsOf(bot);
  const recalledIds = items.flatMap(({ messageId, reference }) => (reference === undefined ? (messageId ?? []) : []));
  const recalled = await parts.recall.textsById(turn.workspaceId, recalledIds);
  const textOf = (kind: ReceiptKind, item: ReceiptItem): string | null => {
    if (item.reference !== undefined) return remembered.texts.get(item.reference) ?? null;
    if (kind === 'facts') {
      return Object.entries(turn.context)
        .map((pair) => pair.map(oneLine).join(': '))
        .join('\n');
    }
    // another version of the program may word them differently, and then what was sent is not known
    return instructions && instructions.hash === item.hash ? instructions.text : null;
  };
  return (kind, item) => {
    if (isForeign(item, remembered)) return { text: null, withheld: true };
    if (kind === 'recall') {
      const message = recalled.get(item.messageId ?? '');
      return message ? { text: message.text, saidAt: message.createdAt } : { text: null };
    }
    if (item.chunkId === undefined) return { text: textOf(kind, item) };
    const chunk = chunks.get(item.chunkId);
    return chunk ? { text: chunk.text, place: { page: chunk.page, url: chunk.url } } : { text: null };
  };
};

/** True for a fact that still is what was sent, and was said to a bot that is none of the principal's. */
const isForeign = ({ reference }: ReceiptItem, { texts, foreign }: Remembered): boolean =>
  reference !== undefined && foreign.has(reference) && texts.has(reference);
