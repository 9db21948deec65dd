import type { WebhookEventType } from './webhook-event.ts';

/** What a workspace may be told of. */
export type OutboxEvent = {
  workspaceId: string;
  type: WebhookEventType;
  /** The id of what it is about. */
  subjectId: string;
  at: number;
};

/** Events written with what caused them, so that none is lost and none is told of what did not happen. */
export interface Outbox {
  /** Nothing is written where the workspace has no endpoint that listens. */
  append(event: OutboxEvent): Promise<void>;
}
