import type { Transact } from '../core/store.ts';
import {
  attemptDelivery,
  type AttemptParts,
  attemptTimeoutMs,
  type PreparedEndpoint,
  prepareEndpoint,
} from '../core/webhook/attempt-delivery.ts';
import type { EventQueue } from '../core/webhook/event-queue.ts';
import { isKnownEventType } from '../core/webhook/event-scopes.ts';
import type { HeldEvent } from '../core/webhook/outbox.ts';
import type {
  ClaimedDelivery,
  DeliveryStatus,
  NextDue,
  WebhookDeliveryReader,
} from '../core/webhook/webhook-delivery.ts';
import { AttemptNotes } from './attempt-notes.ts';
import { FirstAttempts } from './first-attempts.ts';
import type { Told } from './held-event.ts';
import { maxPerEndpoint, SendingRoom } from './sending-room.ts';

/** Events taken from the outbox at once. */
const eventsPerLook = 100;
/** A process that died leaves its attempts to others after this; longer than an attempt can take. */
const leaseMs = attemptTimeoutMs + 5_000;
/**
 * The same for events it had not yet turned into deliveries, which it does within a second. Long enough for a slow commit,
 * short enough for those who wait.
 */
const eventLeaseMs = 10_000;
/** Looks that wake-ups ask for come no closer together: a busy server wakes with every turn. */
const minPauseMs = 200;
/** The same while more is due than may be attempted at once, and an attempt has made room. */
const refillPauseMs = 20;
const unknownKeptMs = 24 * 60 * 60 * 1_000;
/** Nobody announces events of other processes, nor what they leave behind. */
const maxPauseMs = 5_000;

export type WebhookSenderParts = AttemptParts & {
  readers: { webhookDeliveries: Pick<WebhookDeliveryReader, 'nextDue'> };
  events: EventQueue;
  transact: Transact;
  onError: (error: unknown) => void;
  /** Told how each attempt ended. */
  onAttempt?: (status: DeliveryStatus) => void;
  /** Pauses between looks are at most this long. */
  maxPauseMs?: number;
};

/**
 * Brings events to the endpoints that want them, at least once. What this process has caused it is handed (`hold`) and
 * attempts at once; for all else it looks into the store: events of others, and deliveries that are due. Sleeps until it
 * is woken or something is due; a look that finds nothing costs two reads.
 */
export class WebhookSender {
  readonly #parts: WebhookSenderParts;
  readonly #room = new SendingRoom();
  readonly #first: FirstAttempts;
  readonly #notes: AttemptNotes;
  /** Attempts at claimed deliveries under way. */
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #lastLookAt = 0;
  #started = false;
  /** A look is near: more wake-ups change nothing. */
  #soon = false;
  /** The last look left something that is due. */
  #more = false;
  /** The time to stop is over: what ends now is left as it was claimed. */
  #abandoned = false;

  constructor(parts: WebhookSenderParts) {
    this.#parts = parts;
    const { transact, onError } = parts;
    this.#notes = new AttemptNotes({ transact, onError, onPostponed: () => this.wake() });
    this.#first = new FirstAttempts({
      ...parts,
      leaseMs,
      room: this.#room,
      onRoom: () => this.#refill(),
      onWaiting: () => this.wake(),
      onEnded: (delivery, attempt) => {
        if (!this.#abandoned) this.#notes.add(delivery, attempt);
      },
    });
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#sleep(0);
  }

  /**
   * For how long whoever writes an event that it can hand over is to write it as held by this process; 0 where it would
   * not be taken on.
   */
  get holdsMs(): number {
    return this.#started && this.#first.left > 0 ? eventLeaseMs : 0;
  }

  /** Takes on an event that was written as held, once that is durable. What it has no room for is sent after the lease. */
  hold(event: HeldEvent, told: Told): void {
    this.#first.hold(event, told);
  }

  /** There may be something to do; call it after the commit of what made it so. Costs next to nothing. */
  wake(): void {
    if (!this.#started || this.#soon) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#soon = true;
    this.#sleep(Math.max(0, this.#lastLookAt + minPauseMs - performance.now()));
  }

  /** An attempt has ended, and so there is room for one that waits for it. */
  #refill(): void {
    if (!this.#started) return;
    if (this.#looking) {
      // it may have counted this one as running still
      this.#again = true;
      return;
    }
    if (!this.#more) return;
    this.#more = false;
    this.#soon = true;
    this.#sleep(Math.max(0, this.#lastLookAt + refillPauseMs - performance.now()));
  }

  /**
   * Begins nothing more and waits for the attempts under way; those that take longer are another process's. Events that
   * were not begun are anybody's at once.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#started = false;
    if (this.#timer) clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#looking, timeout]);
    await Promise.all([this.#first.stop(timeout), Promise.race([Promise.allSettled(this.#running), timeout])]);
    await Promise.race([this.#notes.storeNow(), timeout]);
    clearTimeout(timer);
    this.#abandoned = true;
  }

  #sleep(pauseMs: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), pauseMs);
    this.#timer.unref();
  }

  #begin(): void {
    if (!this.#started || this.#looking) return;
    this.#again = false;
    this.#soon = false;
    this.#lastLookAt = performance.now();
    this.#looking = this.#lookOnce();
  }

  async #lookOnce(): Promise<void> {
    let pauseMs = this.#maxPauseMs;
    try {
      pauseMs = await this.#look();
    } catch (error) {
      this.#parts.onError(error);
    }
    this.#looking = null;
    if (this.#started) this.#sleep(this.#again ? minPauseMs : pauseMs);
  }

  get #maxPauseMs(): number {
    return this.#parts.maxPauseMs ?? maxPauseMs;
  }

  /** Does what can be done now; gives how long to sleep. */
  async #look(): Promise<number> {
    const { readers } = this.#parts;
    const due = await readers.webhookDeliveries.nextDue();
    const isMore = isDue(due.eventInMs) && (await this.#takeEvents());
    let claimed = 0;
    if (isDue(due.deliveryInMs)) claimed = await this.#claim();
    else this.#first.putBehind(nobody);
    if (!isDue(due.eventInMs) && !isDue(due.deliveryInMs)) return this.#until(due);
    const next = await readers.webhookDeliveries.nextDue();
    // those of busy endpoints stay due: the end of an attempt is what to wait for
    this.#more = isDue(next.eventInMs) || isDue(next.deliveryInMs);
    if (isMore) return refillPauseMs;
    return this.#more && claimed === 0 ? this.#maxPauseMs : this.#until(next);
  }

  /** Holds events that nobody does; true where there may be more of them. */
  async #takeEvents(): Promise<boolean> {
    const limit = Math.min(eventsPerLook, this.#first.left);
    if (limit === 0 || !this.#started) return false;
    const taken = await this.#parts.events.take({ leaseMs: eventLeaseMs, limit });
    const now = this.#parts.clock();
    for (const event of taken) if (isOurs(event, now)) this.#first.hold(event, null);
    return taken.length === limit;
  }

  /** Begins deliveries that are due, as many as there is room for; gives their number. */
  async #claim(): Promise<number> {
    const { transact } = this.#parts;
    const limit = this.#room.left;
    // whoever ends makes room and looks again
    if (limit <= 0 || !this.#started) return 0;
    const { running } = this.#room;
    this.#first.pause();
    const { deliveries, behind } = await transact((writers) =>
      writers.webhookDeliveries.claim({ leaseMs, limit, perEndpoint: maxPerEndpoint, running }),
    ).catch((error: unknown) => {
      this.#first.refill();
      throw error;
    });
    if (behind) this.#first.putBehind(behind);
    const endpoints = new Map<string, Promise<PreparedEndpoint>>();
    for (const delivery of deliveries) {
      const prepared = endpoints.get(delivery.endpointId) ?? prepareEndpoint(this.#parts, delivery);
      endpoints.set(delivery.endpointId, prepared);
      this.#run(delivery, prepared);
    }
    this.#first.refill();
    return deliveries.length;
  }

  #until({ eventInMs, deliveryInMs }: NextDue): number {
    const dueInMs = Math.min(eventInMs ?? Infinity, deliveryInMs ?? Infinity);
    return Math.min(this.#maxPauseMs, Math.max(minPauseMs, dueInMs));
  }

  #run(delivery: ClaimedDelivery, prepared: Promise<PreparedEndpoint>): void {
    this.#room.enter(delivery.endpointId);
    const running = this.#attempt(delivery, prepared)
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => {
        this.#running.delete(running);
        this.#room.free(delivery.endpointId);
        this.#first.refill();
        this.#refill();
      });
    this.#running.add(running);
  }

  async #attempt(delivery: ClaimedDelivery, prepared: Promise<PreparedEndpoint>): Promise<void> {
    const attempt = await attemptDelivery(this.#parts, delivery, await prepared);
    this.#parts.onAttempt?.(attempt.result.status);
    if (!this.#abandoned) this.#notes.add(delivery, attempt);
  }
}

/**
 * One of a type that is not known here is left to a newer server, which finds it when this lease is over; nobody has come for
 * one that is older than a roll-out can take, and it is settled as one without a subject.
 */
const isOurs = ({ type, createdAt }: HeldEvent, now: number): boolean =>
  isKnownEventType(type) || now - createdAt > unknownKeptMs;

const isDue = (inMs: number | null): boolean => inMs !== null && inMs <= 0;

const nobody: ReadonlySet<string> = new Set();
