const types = [
  'turn.completed',
  'turn.failed',
  'conversation.created',
  'conversation.handoff',
  'message.created',
  'usage.threshold',
  'source.ready',
  'source.failed',
] as const;

/** What an endpoint may ask for. `protocol/src/webhook-schemas.ts` says what each tells. */
export type WebhookEventType = (typeof types)[number];

/** False of a type that a newer server beside this one has told the outbox of. */
export const isKnownEventType = (type: string): type is WebhookEventType => (types as readonly string[]).includes(type);

/** Sent by hand alone, to see whether an endpoint works. */
export type WebhookTestType = 'webhook.test';
