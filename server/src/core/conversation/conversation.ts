import type { Mode } from '../access/principal.ts';

export type Channel = 'api' | 'widget' | 'telegram' | 'whatsapp' | 'messenger' | 'instagram' | 'console';

/** `human`: a member of staff owns it, and the bot keeps silent. */
export type ConversationStatus = 'open' | 'human' | 'closed';

export type Conversation = {
  id: string;
  workspaceId: string;
  botId: string;
  /** The caller's own name of the user; null for an anonymous conversation. */
  userId: string | null;
  channel: Channel;
  status: ConversationStatus;
  /** Who has it in hand, by a name of the caller's; null where that was not said, and unless it is `human`. */
  assignee: string | null;
  mode: Mode;
  metadata: Record<string, string>;
  createdAt: number;
  /** The time of its latest message or change. */
  updatedAt: number;
};

export type MessageRole = 'user' | 'assistant' | 'human' | 'system';

/** A piece of a message. Text is the only kind so far. */
export type MessagePart = { type: 'text'; text: string };

export type Citation = {
  index: number;
  sourceId: string;
  title: string;
  /** Leads to the place itself where that is known. */
  url: string | null;
  /** Of the passage, outermost first; absent in messages that are older than it. */
  headings?: readonly string[];
  /** Of a document, from 1; absent where it has none. */
  page?: number;
  quote: string;
  score: number;
};

export type Message = {
  id: string;
  workspaceId: string;
  conversationId: string;
  /**
   * Its place in the conversation, which is the order in which it is shown to people and to models. A turn takes a block
   * of places (`turnSeats`) when it is accepted, so that a reply stands right behind its question even where other
   * messages arrived in between. Places may be empty.
   */
  seq: number;
  turnId: string | null;
  role: MessageRole;
  parts: MessagePart[];
  /** By the estimate of `kit/token-estimate.ts`, made when it was written. */
  tokens: number;
  metadata: Record<string, string>;
  citations: Citation[];
  createdAt: number;
};

/** The places a turn holds: up to this many less one user messages (merged ones), and the reply on the last. */
export const turnSeats = 16;

export const textOf = (message: Pick<Message, 'parts'>): string => message.parts.map((part) => part.text).join('');

export const textParts = (text: string): MessagePart[] => [{ type: 'text', text }];
