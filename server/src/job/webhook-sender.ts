import { ParleyError } from '../core/error.ts';
import type { Transact } from '../core/store.ts';
import {
  type Attempt,
  attemptDelivery,
  type AttemptParts,
  attemptTimeoutMs,
  type PreparedEndpoint,
  prepareEndpoint,
} from '../core/webhook/attempt-delivery.ts';
import { noteAttempt } from '../core/webhook/note-attempt.ts';
import type { ClaimedDelivery, WebhookDeliveryReader } from '../core/webhook/webhook-delivery.ts';

/** Attempts at once: they mostly wait for somebody else. */
const maxAttempts = 256;
/** Of them to one endpoint: a slow one holds up no other, and is not overrun. */
const maxPerEndpoint = 16;
/** Events turned into deliveries in one transaction; with 20 endpoints it is two thousand rows. */
const eventsPerBatch = 100;
/** Attempts whose ends are stored in one transaction. */
const notesPerBatch = 100;
/** How long an attempt that has ended waits for others, to be stored with them. */
const noteAfterMs = 20;
/** What waits for one endpoint; events beyond are dropped, and noted as such. */
const maxPending = 10_000;
/** A process that died leaves its attempts to others after this; longer than an attempt can take. */
const leaseMs = attemptTimeoutMs + 5_000;
/** Looks that wake-ups ask for come no closer together: a busy server wakes with every turn. */
const minPauseMs = 50;
/** The same while more is due than may be attempted at once, and an attempt has made room. */
const refillPauseMs = 20;
/** Nobody announces events of other processes, nor what they leave behind. */
const maxPauseMs = 5_000;

export type WebhookSenderParts = AttemptParts & {
  readers: { webhookDeliveries: Pick<WebhookDeliveryReader, 'nextDue'> };
  transact: Transact;
  onError: (error: unknown) => void;
  /** Pauses between looks are at most this long. */
  maxPauseMs?: number;
};

/**
 * Brings events to the endpoints that want them, at least once. Sleeps until it is woken or the next attempt is due; a
 * look that finds nothing costs two reads.
 */
export class WebhookSender {
  readonly #parts: WebhookSenderParts;
  /** Attempts under way, with their endpoints. */
  readonly #running = new Map<Promise<void>, string>();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #lastLookAt = 0;
  #started = false;
  /** A look is near: more wake-ups change nothing. */
  #soon = false;
  /** The last look left something that is due. */
  #more = false;
  /** Attempts that have ended and are not stored yet. Bounded by the lease: it runs out for what is not stored. */
  #ended: Ended[] = [];
  #noteTimer: NodeJS.Timeout | null = null;
  #noting: Promise<void> = Promise.resolve();
  /** The time to stop is over: what ends now is left as it was claimed. */
  #abandoned = false;

  constructor(parts: WebhookSenderParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#sleep(0);
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

  /** Begins nothing more and waits for the attempts under way; those that take longer are another process's. */
  async stop(timeoutMs: number): Promise<void> {
    this.#started = false;
    if (this.#timer) clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#looking, timeout]);
    await Promise.race([Promise.allSettled(this.#running.keys()), timeout]);
    await Promise.race([this.#noteNow(), timeout]);
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
    const { readers, clock, transact } = this.#parts;
    const due = await readers.webhookDeliveries.nextDue();
    if (due === null || due > clock()) return this.#until(due);
    for (;;) {
      const events = await transact((writers) =>
        writers.webhookDeliveries.fanOut({ limit: eventsPerBatch, maxPending, at: clock() }),
      );
      if (events < eventsPerBatch || !this.#started) break;
    }
    const room = maxAttempts - this.#running.size;
    if (room <= 0 || !this.#started) {
      // whoever ends makes room and looks again
      this.#more = true;
      return this.#maxPauseMs;
    }
    const running = countEach(this.#running.values());
    const claimed = await transact((writers) =>
      writers.webhookDeliveries.claim({ at: clock(), leaseMs, limit: room, perEndpoint: maxPerEndpoint, running }),
    );
    const endpoints = new Map<string, Promise<PreparedEndpoint>>();
    for (const delivery of claimed) {
      const prepared = endpoints.get(delivery.endpointId) ?? prepareEndpoint(this.#parts, delivery);
      endpoints.set(delivery.endpointId, prepared);
      this.#run(delivery, prepared);
    }
    const next = await readers.webhookDeliveries.nextDue();
    // those of busy endpoints stay due: the end of an attempt is what to wait for
    this.#more = next !== null && next <= clock();
    return claimed.length === 0 ? this.#maxPauseMs : this.#until(next);
  }

  #until(due: number | null): number {
    if (due === null) return this.#maxPauseMs;
    return Math.min(this.#maxPauseMs, Math.max(minPauseMs, due - this.#parts.clock()));
  }

  #run(delivery: ClaimedDelivery, prepared: Promise<PreparedEndpoint>): void {
    const running = this.#attempt(delivery, prepared)
      .catch((error: unknown) => this.#parts.onError(error))
      .finally(() => {
        this.#running.delete(running);
        this.#refill();
      });
    this.#running.set(running, delivery.endpointId);
  }

  async #attempt(delivery: ClaimedDelivery, prepared: Promise<PreparedEndpoint>): Promise<void> {
    const attempt = await attemptDelivery(this.#parts, delivery, await prepared);
    if (this.#abandoned) return;
    this.#ended.push({ delivery, attempt });
    if (this.#ended.length >= notesPerBatch) void this.#noteNow();
    else this.#noteTimer ??= setTimeout(() => void this.#noteNow(), noteAfterMs);
  }

  /** Stores what has ended, one batch behind the other. What cannot be stored is attempted again after its lease. */
  #noteNow(): Promise<void> {
    if (this.#noteTimer) clearTimeout(this.#noteTimer);
    this.#noteTimer = null;
    this.#noting = this.#noting.then(() => this.#noteEnded());
    return this.#noting;
  }

  async #noteEnded(): Promise<void> {
    while (this.#ended.length > 0) {
      const batch = this.#ended.splice(0, notesPerBatch);
      try {
        await this.#note(batch);
      } catch (error) {
        this.#parts.onError(error);
        // one that cannot be stored does not take the others along; where the store is away none can
        if (!(error instanceof ParleyError && error.code === 'storage_unavailable')) await this.#noteEach(batch);
      }
      // one that is to be tried again has its time now
      if (batch.some(({ attempt }) => attempt.result.status === 'pending')) this.wake();
    }
  }

  #note(batch: readonly Ended[]): Promise<void> {
    return this.#parts.transact(async (writers) => {
      for (const { delivery, attempt } of batch) await noteAttempt(writers, delivery, attempt);
    });
  }

  async #noteEach(batch: readonly Ended[]): Promise<void> {
    for (const ended of batch) await this.#note([ended]).catch((error: unknown) => this.#parts.onError(error));
  }
}

/** An attempt that is over, and not stored yet. */
type Ended = { delivery: ClaimedDelivery; attempt: Attempt };

const countEach = (names: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
};
