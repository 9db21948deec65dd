import type { Conversation, Message } from '../conversation/conversation.ts';
import type { Feedback, Turn } from '../turn/turn.ts';
import type { UserIds } from './user-store.ts';

/** A turn with what is kept of it beside the conversation. */
export type StoredTurn = {
  turn: Turn;
  feedback: Feedback | null;
  /** As `receipt-record.ts` packs it; null where no model was asked. */
  receipt: string | null;
};

/** What a person has, oldest first, in pages of at most `limit`, behind the place that was read last. */
export interface ExportReader {
  conversations(ids: UserIds, afterId: string, limit: number): Promise<Conversation[]>;
  messages(conversation: Conversation, afterSeq: number, limit: number): Promise<Message[]>;
  turns(conversation: Conversation, afterSeqBase: number, limit: number): Promise<StoredTurn[]>;
  /** Ids of the messages at these places; those that were deleted are absent. */
  messageIds(conversation: Conversation, places: readonly number[]): Promise<Map<number, string>>;
}
