import type { Mode } from '../access/principal.ts';
import type { MessageRole } from '../conversation/conversation.ts';
import type { RecallSource } from './recall-message.ts';

/** Whose messages are recalled: those of a person with one bot, or one anonymous conversation. */
export type RecallOwner =
  | { workspaceId: string; botId: string; mode: Mode; userId: string }
  | { workspaceId: string; conversationId: string };

export type RecallConversation = {
  id: string;
  /** The next free place. */
  nextSeq: number;
  /** True where no place before that can be filled any more: nobody is about to reply. */
  isSettled: boolean;
  /** Up to this place messages are packed; 0 for none. */
  packedSeq: number;
  /** Grows whenever messages of it were taken away. */
  revision: number;
};

/** Messages of a conversation that are not packed yet: above `after` and below `before`. */
export type UnpackedRange = { conversationId: string; after: number; before: number };

export type StoredSegment = { firstSeq: number; lastSeq: number; packed: Uint8Array };

export type MessagePlace = { conversationId: string; seq: number };

/** What is shown of a recalled message. */
export type RecalledText = MessagePlace & { id: string; role: MessageRole; text: string; createdAt: number };

export interface RecallReader {
  /** Conversations that were not deleted, those of users linked to this one among them; the youngest first. */
  conversations(owner: RecallOwner, limit: number): Promise<RecallConversation[]>;
  /** Segments of conversations, of the youngest conversation and the latest messages first. At most `maxListed` ids. */
  segments(
    workspaceId: string,
    conversationIds: readonly string[],
    limit: number,
  ): Promise<(StoredSegment & { conversationId: string })[]>;
  /** Messages with the beginning of their texts, the latest first. At most `maxListed` ranges. */
  unpacked(
    workspaceId: string,
    ranges: readonly UnpackedRange[],
    limit: number,
  ): Promise<(RecallSource & { conversationId: string })[]>;
  /** In no order; those that were deleted are absent. At most `maxListed` places. */
  texts(workspaceId: string, places: readonly MessagePlace[]): Promise<RecalledText[]>;
  /** Messages by their ids, for a receipt; absent where they or their conversation were deleted. */
  textsById(
    workspaceId: string,
    messageIds: readonly string[],
  ): Promise<Map<string, Pick<RecalledText, 'text' | 'createdAt'>>>;
}

export interface RecallStore extends RecallReader {
  /** The segment with the latest messages of a conversation; null where nothing is packed. */
  lastSegment(workspaceId: string, conversationId: string): Promise<StoredSegment | null>;
  /** Writes a segment, in place of one that begins at the same place. */
  putSegment(workspaceId: string, conversationId: string, segment: StoredSegment): Promise<void>;
}

/** Longer lists are refused: they would be statements that nobody prepared. */
export const maxListed = 256;
