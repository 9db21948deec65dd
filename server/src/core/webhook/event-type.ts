/** What an endpoint may ask for. `protocol/src/webhook-schemas.ts` says what each tells. */
export type WebhookEventType =
  | 'turn.completed'
  | 'turn.failed'
  | 'conversation.created'
  | 'conversation.handoff'
  | 'message.created'
  | 'usage.threshold'
  | 'source.ready'
  | 'source.failed';

/** Sent by hand alone, to see whether an endpoint works. */
export type WebhookTestType = 'webhook.test';
