import type { HeldEvent } from './outbox.ts';
import type { ClaimedDelivery } from './webhook-delivery.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

/**
 * What an event becomes: nothing, where nobody wants it, or a delivery for each endpoint that does. `delivered` and
 * `dropped` ones have ended; `pending` ones with an attempt are claimed by this process until their next; those without
 * wait for one.
 */
export type SettledEvent = { event: HeldEvent; deliveries: readonly ClaimedDelivery[] };

/** Where deliveries of an endpoint go, and what they are signed with, newest first. */
export type Destination = { endpoint: WebhookEndpoint; secrets: readonly string[] };

/**
 * The outbox, from a sender's side. Each method is one unit, and much cheaper than a transaction of `Writers`: they run
 * beside every turn of which somebody is told.
 */
export interface EventQueue {
  /** Takes at most `limit` events that are due and in nobody's hands, the oldest first, for `leaseMs`. */
  take(options: { leaseMs: number; limit: number }): Promise<HeldEvent[]>;
  /** Gives events up: they are due at once. Those in other hands are left alone. */
  release(events: readonly HeldEvent[]): Promise<void>;
  /**
   * Removes events and writes their deliveries, each event whole or, where it is in other hands by now or was deleted, not
   * at all. Where `maxPending` wait for an endpoint already, one more that waits is dropped.
   */
  settle(events: readonly SettledEvent[], options: { maxPending: number; at: number }): Promise<void>;
  /** The enabled endpoints of these workspaces, as they are now; of their secrets those that are good at `at`. */
  destinations(workspaceIds: readonly string[], at: number): Promise<Map<string, Destination[]>>;
  /** For each of these conversations, in their order, whether it is still there to be told of. */
  areKept(conversations: readonly { workspaceId: string; conversationId: string }[]): Promise<boolean[]>;
}
