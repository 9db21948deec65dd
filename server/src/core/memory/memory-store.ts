import type { Conversation, MessageRole } from '../conversation/conversation.ts';
import type { ConversationMemory, Watermark } from './conversation-memory.ts';
import type { FactReader, FactStore } from './fact.ts';

/** As much of a message as memory is made of. */
export type RememberedMessage = {
  seq: number;
  id: string;
  role: MessageRole;
  text: string;
  tokens: number;
  createdAt: number;
};

export type ConversationPlace = { workspaceId: string; conversationId: string };

/** A turn that has ended, with how far the memory of its conversation has come. */
export type MovedRow = ConversationPlace & {
  botId: string;
  userId: string | null;
  endedAt: number;
  seqBase: number;
  nextSeq: number;
  summarySeq: number;
  factsSeq: number;
};

export interface MemoryReader extends FactReader {
  /** Null where nothing was made of the conversation yet. */
  find(workspaceId: string, conversationId: string): Promise<ConversationMemory | null>;
  /** Turns that ended behind `after` and not behind `until`, whose event log is still kept, oldest first. */
  listMoved(of: { after: number; until: number; limit: number }): Promise<MovedRow[]>;
  /** See `MemorySubject.settledBefore`; 0 where the conversation is gone. */
  settledBefore(workspaceId: string, conversationId: string): Promise<number>;
  /** At most `limit` messages with places above `after` and below `before`, oldest first. */
  listMessages(
    workspaceId: string,
    conversationId: string,
    of: { after: number; before: number; limit: number; role?: MessageRole },
  ): Promise<RememberedMessage[]>;
  /** Places and tokens of at most `limit` messages below `before`, newest first. */
  listNewest(
    workspaceId: string,
    conversationId: string,
    of: { before: number; limit: number },
  ): Promise<{ seq: number; tokens: number }[]>;
}

export type Advance = {
  watermark: Watermark;
  /** As it was read: where either has changed since, nothing is written. */
  from: number;
  revision: number;
  to: number;
  /** Replaces the summary; left as it is where absent. */
  summary?: { text: string; tokens: number; model: string };
  at: number;
};

export type MemoryUsage = {
  /** Whose bot and channel it is counted for. */
  conversation: Pick<Conversation, 'workspaceId' | 'mode' | 'botId' | 'channel'>;
  inputTokens: number;
  outputTokens: number;
  at: number;
};

export interface MemoryStore extends MemoryReader, FactStore {
  /** The memory of a conversation, begun where there is none; null where the conversation is gone. */
  open(workspaceId: string, conversationId: string, at: number): Promise<ConversationMemory | null>;
  /** Moves a watermark on. False where somebody else did, messages were taken away, or the conversation is gone. */
  advance(workspaceId: string, conversationId: string, step: Advance): Promise<boolean>;
  /** Counts what a model used to remember, which is charged to nobody; not in a workspace that was deleted. */
  addUsage(usage: MemoryUsage): Promise<void>;
  /** Forgets the summary, and takes it up again at the place; for a bot that keeps none. */
  dropSummary(workspaceId: string, conversationId: string, at: number): Promise<void>;
}
