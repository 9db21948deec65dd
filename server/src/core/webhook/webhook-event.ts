import type { Mode } from '../access/principal.ts';
import type { Conversation, Message } from '../conversation/conversation.ts';
import type { Source } from '../knowledge/source.ts';
import type { TurnWithReply } from '../turn/turn.ts';
import type { Threshold } from '../usage/describe-threshold.ts';
import type { WebhookEventType, WebhookTestType } from './event-type.ts';

/** What an event is about, as it is at the time of sending. */
export type WebhookSubject =
  | { kind: 'turn'; turn: TurnWithReply }
  | { kind: 'conversation'; conversation: Conversation }
  | { kind: 'message'; message: Message }
  | { kind: 'source'; source: Source }
  | { kind: 'threshold'; threshold: Threshold }
  | { kind: 'test'; endpointId: string };

/** An event that is about to be sent. */
export type WebhookEvent = {
  type: WebhookEventType | WebhookTestType;
  workspaceId: string;
  /** When it happened. */
  at: number;
  mode: Mode;
  subject: WebhookSubject;
};
