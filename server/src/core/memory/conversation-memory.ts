import type { Bot } from '../bot/bot.ts';
import type { Conversation } from '../conversation/conversation.ts';

/** What was made of a conversation so far, beside its messages. Places are those of messages (`seq`). */
export type ConversationMemory = {
  workspaceId: string;
  conversationId: string;
  /** Grows whenever messages of it were taken away: what was made of them meanwhile may not be kept. */
  revision: number;
  /** Up to this place messages are packed for recall; 0 for none. */
  packedSeq: number;
  /** Up to this place messages are in the summary; 0 for none. */
  summarySeq: number;
  /** Up to this place messages were searched for facts; 0 for none. */
  factsSeq: number;
  summary: string | null;
  summaryTokens: number;
  /** `provider/model`; null where there is no summary. */
  summaryModel: string | null;
  updatedAt: number;
};

/** Each kind of memory has its own, so that one of them may lag behind or fail without the others. */
export type Watermark = 'packedSeq' | 'summarySeq' | 'factsSeq';

/** What a step of remembering works on. */
export type MemorySubject = {
  conversation: Conversation;
  bot: Bot;
  memory: ConversationMemory;
  /** Messages that a turn shows word for word. */
  window: number;
  /**
   * Nothing is added before this place any more: where the first turn that waits or runs begins, or one to which a person
   * may yet reply, or the end.
   */
  settledBefore: number;
};

/**
 * Brings one kind of memory up to date, by its watermark. It may be run again from its start at any point, beside
 * another run of itself, and on a conversation that is being deleted.
 */
export type MemoryStep = (subject: MemorySubject, signal: AbortSignal) => Promise<void>;
