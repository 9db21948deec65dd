import { newId } from '../../kit/id.ts';
import type { OutboundErrorKind } from '../../kit/outbound/outbound-error.ts';
import type { Page, PageRequest } from '../page.ts';
import type { WebhookEventType, WebhookTestType } from './event-type.ts';

/**
 * - `pending`: not sent yet, or to be sent again.
 * - `delivered`: answered with a 2xx status.
 * - `failed`: given up; it may be replayed.
 * - `dropped`: there was nothing to tell any more, or too much waited.
 */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'dropped';

export type DeliveryError =
  | Exclude<OutboundErrorKind, 'aborted'>
  /** It was answered with another status than 2xx. */
  | 'http_status'
  | 'endpoint_disabled'
  | 'subject_deleted'
  | 'queue_full';

/** One event on its way to one endpoint. It holds ids and no content. */
export type WebhookDelivery = {
  id: string;
  workspaceId: string;
  endpointId: string;
  /** The same at every attempt and in every replay: `webhook-id`. */
  eventId: string;
  type: WebhookEventType | WebhookTestType;
  subjectId: string;
  eventAt: number;
  status: DeliveryStatus;
  /** Of this round; a replay begins another. */
  attempts: number;
  /** Null once it has ended. */
  nextAttemptAt: number | null;
  lastAttempt: {
    at: number;
    responseStatus: number | null;
    durationMs: number | null;
    error: DeliveryError | null;
  } | null;
  createdAt: number;
  endedAt: number | null;
};

/** One that is to be sent at once. */
export const pendingDelivery = (
  of: Pick<WebhookDelivery, 'workspaceId' | 'endpointId' | 'eventId' | 'type' | 'subjectId' | 'eventAt'>,
  at: number,
): WebhookDelivery => ({
  ...of,
  id: newId('dlv'),
  status: 'pending',
  attempts: 0,
  nextAttemptAt: at,
  lastAttempt: null,
  createdAt: at,
  endedAt: null,
});

/** One that this process is about to attempt; the holder of an older fence can write nothing. */
export type ClaimedDelivery = WebhookDelivery & { fence: number };

/** How an attempt ended, and what follows. */
export type AttemptResult = {
  status: DeliveryStatus;
  nextAttemptAt: number | null;
  at: number;
  responseStatus: number | null;
  durationMs: number | null;
  error: DeliveryError | null;
};

export type DeliveryFilter = { status: DeliveryStatus | null; type: string | null };

/** In how long an event can be taken from the outbox, and a delivery is to be attempted: 0 or less now; null for none. */
export type NextDue = { eventInMs: number | null; deliveryInMs: number | null };

export interface WebhookDeliveryReader {
  find(workspaceId: string, endpointId: string, deliveryId: string): Promise<WebhookDelivery | null>;
  list(
    of: { workspaceId: string; endpointId: string },
    filter: DeliveryFilter,
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>>;
  nextDue(): Promise<NextDue>;
}

export interface WebhookDeliveryStore extends WebhookDeliveryReader {
  insert(delivery: WebhookDelivery): Promise<void>;
  /**
   * Takes at most `limit` deliveries that are due, and counts the attempt. Until `leaseMs` are over nobody else takes
   * them. Of each endpoint at most `perEndpoint`, those that the caller has `running` among them. `behind`: endpoints of
   * which more is due, or may be; null where too much is due to tell.
   */
  claim(options: {
    leaseMs: number;
    limit: number;
    perEndpoint: number;
    running: ReadonlyMap<string, number>;
  }): Promise<{ deliveries: ClaimedDelivery[]; behind: ReadonlySet<string> | null }>;
  /** Writes how the attempt ended; false where the delivery is in other hands. */
  finish(delivery: ClaimedDelivery, result: AttemptResult): Promise<boolean>;
  /** Makes an ended delivery due once more, as if for the first time. One that waits is due at once. Null where there is none. */
  replay(of: { workspaceId: string; endpointId: string }, deliveryId: string): Promise<WebhookDelivery | null>;
  /** Replays at most `limit` failed deliveries of events since then, the oldest first; gives their number. */
  replayFailed(
    of: { workspaceId: string; endpointId: string },
    options: { since: number; limit: number },
  ): Promise<number>;
  /** Removes at most `limit` deliveries that were made before then and have ended; gives their number. */
  removeEnded(createdBefore: number, limit: number): Promise<number>;
  /** Removes at most `limit` deliveries of an endpoint that is no more; gives their number. */
  purge(workspaceId: string, endpointId: string, limit: number): Promise<number>;
}
