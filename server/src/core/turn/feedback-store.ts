import type { Feedback, Turn } from './turn.ts';

/** As much of a turn as rating it needs. */
export type RatedTurn = Pick<Turn, 'workspaceId' | 'id' | 'conversationId' | 'botId' | 'mode' | 'userId' | 'status'>;

export interface FeedbackReader {
  /** Null where nobody has rated the reply. */
  find(workspaceId: string, turnId: string): Promise<Feedback | null>;
}

export interface FeedbackStore extends FeedbackReader {
  /** A turn of a conversation that was not deleted. */
  findTurn(workspaceId: string, turnId: string): Promise<RatedTurn | null>;
  set(workspaceId: string, turnId: string, feedback: Feedback): Promise<void>;
}
