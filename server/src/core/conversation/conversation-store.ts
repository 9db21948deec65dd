import type { Mode } from '../access/principal.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Channel, Conversation, ConversationStatus, Message } from './conversation.ts';

export type ConversationFilter = {
  mode: Mode;
  botId?: string;
  /** Null: every bot. The bots that the caller may know of. */
  botIds: readonly string[] | null;
  userId?: string;
  /** Several user ids of one person, in place of `userId`. */
  userIds?: readonly string[];
  channel?: Channel;
  status?: ConversationStatus;
  /** Text that a message of the conversation holds, whatever its case. */
  query?: string;
};

export interface ConversationReader {
  find(workspaceId: string, conversationId: string): Promise<Conversation | null>;
  list(workspaceId: string, filter: ConversationFilter, page: PageRequest): Promise<Page<Conversation>>;
  /** The bots of messages' conversations, by the messages' ids; those that are gone are absent. */
  botsOfMessages(workspaceId: string, messageIds: readonly string[]): Promise<Map<string, string>>;
  /**
   * Which of these turns, 500 at most, a person's reply would still go to, by their ids: the latest of a conversation in a
   * person's hands, where nobody has answered it.
   */
  findAwaitedTurns(turns: readonly { workspaceId: string; turnId: string }[]): Promise<Set<string>>;
  findMessage(workspaceId: string, messageId: string): Promise<Message | null>;
  /** By place, newest first. Throws invalid_request where nobody can say any more where the cursor's message stood. */
  listMessages(workspaceId: string, conversationId: string, page: PageRequest): Promise<Page<Message>>;
}

export interface ConversationStore extends ConversationReader {
  /** Inserts it with its greeting; where it has a user, it becomes that user's current one with the bot. */
  insert(conversation: Conversation, greeting: Message | null): Promise<void>;
  /**
   * Writes status, metadata and `updatedAt`. A conversation that is closed stops being its user's current one, for their
   * latest other that is not closed; one that is opened again becomes it. Throws not_found.
   */
  update(conversation: Conversation): Promise<void>;
  /** Gives the messages the next places, in order, and returns them with their places. Throws not_found. */
  appendMessages(
    workspaceId: string,
    conversationId: string,
    messages: readonly Omit<Message, 'seq'>[],
  ): Promise<Message[]>;
  /**
   * Adds what a person says: as the reply of the turn that waits for it, or behind everything. Null where the
   * conversation is in nobody's hands.
   */
  answer(message: Omit<Message, 'seq' | 'turnId'>): Promise<Message | null>;
  /** Marks it as gone and ends its turns as by a cancel; returns the turns that were running or waiting. */
  markDeleted(workspaceId: string, conversationId: string, at: number): Promise<string[]>;
  /** Removes at most `limit` rows of a deleted conversation; true when nothing is left. */
  purge(workspaceId: string, conversationId: string, limit: number): Promise<boolean>;
}
