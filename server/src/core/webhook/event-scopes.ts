import type { KeyManager } from '../access/key-grants.ts';
import { covers, type Scope } from '../access/scope.ts';
import { ParleyError } from '../error.ts';
import type { WebhookEventType } from './event-type.ts';

/** With which scope one reads over the API what an event tells. */
const scopeOfEvent: Readonly<Record<WebhookEventType, Scope>> = {
  'turn.completed': 'conversations:read',
  'turn.failed': 'conversations:read',
  'conversation.created': 'conversations:read',
  'conversation.handoff': 'conversations:read',
  'message.created': 'conversations:read',
  'usage.threshold': 'usage:read',
  'source.ready': 'bots:read',
  'source.failed': 'bots:read',
};

/** False of a type that a newer server beside this one has told the outbox of. */
export const isKnownEventType = (type: string): boolean => Object.hasOwn(scopeOfEvent, type);

/** Refuses to have events sent that the principal may not read itself. Throws insufficient_scope. */
export const assertMayRead = (principal: KeyManager, events: readonly WebhookEventType[]): void => {
  const hidden = events.find((event) => !covers(principal.scopes, scopeOfEvent[event]));
  if (hidden === undefined) return;
  throw new ParleyError(
    'insufficient_scope',
    `Who has \`${hidden}\` sent must be able to read it: this needs the scope \`${scopeOfEvent[hidden]}\`.`,
    { param: 'events' },
  );
};
