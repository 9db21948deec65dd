import type { WebhookEventType } from './event-type.ts';

/** What a workspace may be told of. */
export type OutboxEvent = {
  workspaceId: string;
  type: WebhookEventType;
  /** The id of what it is about. */
  subjectId: string;
  at: number;
  /** Its own id; a new one unless given. */
  id?: string;
};

/** An event of the outbox in the hands of this process: until `heldUntil` no other one sends it. */
export type HeldEvent = {
  workspaceId: string;
  id: string;
  type: WebhookEventType;
  subjectId: string;
  createdAt: number;
  /** As its row says, and so also the proof that it is still ours. */
  heldUntil: number;
};

/** Events written with what caused them, so that none is lost and none is told of what did not happen. */
export interface Outbox {
  /** Nothing is written where the workspace has no endpoint that listens. */
  append(event: OutboxEvent): Promise<void>;
}
