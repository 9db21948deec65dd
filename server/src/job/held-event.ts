import type { Attempt } from '../core/webhook/attempt-delivery.ts';
import type { Destination, SettledEvent } from '../core/webhook/event-queue.ts';
import type { HeldEvent } from '../core/webhook/outbox.ts';
import type { WebhookEvent } from '../core/webhook/webhook-event.ts';
import { type ClaimedDelivery, pendingDelivery } from '../core/webhook/webhook-delivery.ts';

/** What an event is about, as whoever caused it left it: with its conversation, which may be deleted meanwhile. */
export type Told = Pick<WebhookEvent, 'subject' | 'mode'> & { conversationId: string };

/** An event in the memory of this process, from its hand-over until it has left the outbox. */
export type Holding = {
  event: HeldEvent;
  /** Null for what is read from the store when it is sent. */
  told: Told | null;
  /** Since when, by the clock that never goes back. */
  since: number;
  /** One for each endpoint that wants it. */
  sendings: Sending[];
  /** Null where there is nothing to tell any more; made when the first attempt begins. */
  body: Promise<string | null> | null;
  /** It is on its way out of the outbox. */
  leaves: boolean;
  /** Whether it has left the outbox: false where it could not be stored, and somebody takes it up again. */
  left: PromiseWithResolvers<boolean>;
};

/** A first attempt to tell one endpoint of one event. */
export type Sending = {
  holding: Holding;
  destination: Destination;
  delivery: ClaimedDelivery;
  /** `behind`: it goes to the store, where others wait before it. */
  state: 'waiting' | 'behind' | 'running' | 'ended';
  attempt: Attempt | null;
  /** How it ended went into the store with the event's leaving. */
  stored: boolean;
};

export const holdingOf = (event: HeldEvent, told: Told | null, since: number): Holding => ({
  event,
  told,
  since,
  sendings: [],
  body: null,
  leaves: false,
  left: Promise.withResolvers(),
});

/** As if it had been claimed: the attempt counts from its beginning. */
export const beginSending = (sending: Sending, { at, leaseMs }: { at: number; leaseMs: number }): void => {
  sending.state = 'running';
  sending.delivery = { ...sending.delivery, attempts: 1, fence: 1, nextAttemptAt: at + leaseMs };
};

export const sendingsOf = (holding: Holding, destinations: readonly Destination[], at: number): Sending[] => {
  const { workspaceId, id: eventId, type, subjectId, createdAt: eventAt } = holding.event;
  return destinations
    .filter(({ endpoint }) => endpoint.events.includes(type))
    .map((destination) => {
      const of = { workspaceId, endpointId: destination.endpoint.id, eventId, type, subjectId, eventAt };
      const delivery = { ...pendingDelivery(of, at), fence: 0 };
      return { holding, destination, delivery, state: 'waiting', attempt: null, stored: false };
    });
};

/** Nothing is to follow it, and it changes nothing about its endpoint: it is written once, as it ended. */
const isFinal = ({ attempt }: Sending): boolean =>
  attempt !== null &&
  (attempt.result.status === 'dropped' ||
    (attempt.result.status === 'delivered' && attempt.endpoint?.failingSince === null));

/** What is to be written in place of the event, as things stand: what has ended for good, what is claimed, what waits. */
export const settledEvent = ({ event, sendings }: Holding): SettledEvent => ({
  event,
  deliveries: sendings.map((sending) => {
    sending.stored = isFinal(sending);
    return sending.stored ? ended(sending) : sending.delivery;
  }),
});

const ended = ({ delivery, attempt }: Sending): ClaimedDelivery => {
  if (!attempt) return delivery;
  const { status, at, responseStatus, durationMs, error } = attempt.result;
  return {
    ...delivery,
    status,
    nextAttemptAt: null,
    lastAttempt: { at, responseStatus, durationMs, error },
    endedAt: at,
  };
};
