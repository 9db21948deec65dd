import { type Attempt, type AttemptParts, notSent, sendPayload } from '../core/webhook/attempt-delivery.ts';
import type { EventQueue } from '../core/webhook/event-queue.ts';
import { loadSubject } from '../core/webhook/load-subject.ts';
import type { HeldEvent } from '../core/webhook/outbox.ts';
import type { ClaimedDelivery, DeliveryStatus } from '../core/webhook/webhook-delivery.ts';
import { EventSettler } from './event-settler.ts';
import { beginSending, type Holding, holdingOf, type Sending, sendingsOf, type Told } from './held-event.ts';
import type { SendingRoom } from './sending-room.ts';

/** Events in memory: more stay in the outbox, and are taken from there. */
const maxHeld = 1_000;
/** Events whose destinations are read together. */
const eventsPerBatch = 100;
/** How long an event waits for others, to be begun with them: their endpoints are read once. */
const gatherMs = 20;
/** An event whose attempts have not all ended by then leaves the outbox, and they go on as deliveries of their own. */
const leavesAfterMs = 1_000;
const sweepEveryMs = 250;

export type FirstAttemptParts = AttemptParts & {
  events: EventQueue;
  room: SendingRoom;
  /** Claims of attempts that go on as deliveries of their own. */
  leaseMs: number;
  onError: (error: unknown) => void;
  onAttempt?: (status: DeliveryStatus) => void;
  /** There is room for another attempt. */
  onRoom: () => void;
  /** There are deliveries in the store that wait. */
  onWaiting: () => void;
  /** An attempt that ended and is not stored with its event. */
  onEnded: (delivery: ClaimedDelivery, attempt: Attempt) => void;
};

/**
 * First attempts at events that this process holds. Where one succeeds, which is the rule, the event leaves the outbox as
 * a delivery that has ended, in one step with others; all else becomes deliveries that are claimed, or wait. What is in
 * memory is bounded in number and time, and is nothing but a shortcut: the outbox has each event until it has left.
 */
export class FirstAttempts {
  readonly #parts: FirstAttemptParts;
  readonly #settler: EventSettler;
  /** Those that nobody has looked at yet. */
  #arrived: Holding[] = [];
  #gathering: NodeJS.Timeout | null = null;
  #sweeping: NodeJS.Timeout | null = null;
  /** All of which something is still to be begun or awaited. */
  readonly #held = new Set<Holding>();
  /** By endpoint, sendings that wait for a place. */
  readonly #lines = new Map<string, Sending[]>();
  /** Endpoints for which deliveries wait in the store: what comes now goes behind them. */
  #behind = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  /** Batches whose destinations are being read. Each leaves by itself, so that no ended one is kept. */
  readonly #beginning = new Set<Promise<void>>();
  #open = true;
  /** While deliveries are claimed, for which there must be the room that was seen. */
  #paused = false;

  constructor(parts: FirstAttemptParts) {
    this.#parts = parts;
    this.#settler = new EventSettler(parts);
  }

  /** Events that may still be held. */
  get left(): number {
    return this.#open ? Math.max(0, maxHeld - this.#held.size) : 0;
  }

  /** Takes an event on, whose lease this process has; false where there is no room for it. */
  hold(event: HeldEvent, told: Told | null): boolean {
    if (this.left === 0) return false;
    const holding = holdingOf(event, told, performance.now());
    this.#held.add(holding);
    this.#arrived.push(holding);
    this.#gathering ??= setTimeout(() => this.#gather(), gatherMs);
    this.#sweeping ??= setInterval(() => this.#sweep(), sweepEveryMs).unref();
    return true;
  }

  /** For which endpoints deliveries are due in the store, as far as a look could see. */
  putBehind(endpoints: ReadonlySet<string>): void {
    this.#behind = new Set(endpoints);
  }

  /** Begins nothing until `refill`. */
  pause(): void {
    this.#paused = true;
  }

  /** There is room that others have left. */
  refill(): void {
    this.#paused = false;
    for (const endpointId of this.#lines.keys()) {
      if (this.#parts.room.left <= 0) return;
      this.#advance(endpointId);
    }
  }

  /** Begins nothing more: gives back what has not begun, and waits for what has. */
  async stop(timeout: Promise<void>): Promise<void> {
    this.#open = false;
    if (this.#gathering) clearTimeout(this.#gathering);
    if (this.#sweeping) clearInterval(this.#sweeping);
    const unseen = this.#arrived.splice(0);
    for (const holding of unseen) this.#held.delete(holding);
    const { events, onError } = this.#parts;
    const given = unseen.map(({ event }) => event);
    const released = given.length === 0 ? null : events.release(given).catch(onError);
    await Promise.race([Promise.all([released, ...this.#beginning]), timeout]);
    for (const holding of this.#held) if (holding.sendings.some(isWaiting)) this.#leave(holding);
    await Promise.race([Promise.allSettled(this.#running), timeout]);
    await Promise.race([this.#settler.writeNow(), timeout]);
  }

  #gather(): void {
    this.#gathering = null;
    const batch = this.#arrived.splice(0, eventsPerBatch);
    if (this.#arrived.length > 0) this.#gathering = setTimeout(() => this.#gather(), 0);
    const begun = this.#begin(batch)
      .catch((error: unknown) => {
        // somebody takes them up again once their leases have run out
        for (const holding of batch) this.#held.delete(holding);
        this.#parts.onError(error);
      })
      .finally(() => this.#beginning.delete(begun));
    this.#beginning.add(begun);
  }

  async #begin(batch: readonly Holding[]): Promise<void> {
    const { events, clock } = this.#parts;
    const at = clock();
    const workspaces = [...new Set(batch.map(({ event }) => event.workspaceId))];
    const [destinations] = await Promise.all([events.destinations(workspaces, at), this.#forgetDeleted(batch)]);
    for (const holding of batch) {
      holding.sendings = sendingsOf(holding, destinations.get(holding.event.workspaceId) ?? [], at);
      for (const sending of holding.sendings) this.#line(sending);
      // nobody wants it, or all who do have others before it
      if (!this.#open || holding.sendings.every(isOver)) this.#leave(holding);
    }
    for (const endpointId of this.#lines.keys()) this.#advance(endpointId);
  }

  /** What was deleted since it was handed over is not told. */
  async #forgetDeleted(batch: readonly Holding[]): Promise<void> {
    const told = batch.flatMap((holding) =>
      holding.told ? [{ holding, workspaceId: holding.event.workspaceId, ...holding.told }] : [],
    );
    if (told.length === 0) return;
    const kept = await this.#parts.events.areKept(told);
    for (const [index, { holding }] of told.entries()) if (!kept[index]) holding.body = Promise.resolve(null);
  }

  #line(sending: Sending): void {
    const { endpointId } = sending.delivery;
    const line = this.#lines.get(endpointId);
    if (this.#behind.has(endpointId)) sending.state = 'behind';
    else if (line) line.push(sending);
    else this.#lines.set(endpointId, [sending]);
  }

  /** Begins what an endpoint has room for, the oldest first. */
  #advance(endpointId: string): void {
    const line = this.#lines.get(endpointId);
    if (!line || this.#paused) return;
    let begun = 0;
    while (begun < line.length && this.#open && this.#parts.room.take(endpointId)) this.#run(line[begun++]!);
    if (begun === line.length) this.#lines.delete(endpointId);
    else if (begun > 0) line.splice(0, begun);
  }

  #run(sending: Sending): void {
    const { clock, leaseMs, onError } = this.#parts;
    beginSending(sending, { at: clock(), leaseMs });
    const running = this.#attempt(sending)
      .catch(onError)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #attempt(sending: Sending): Promise<void> {
    const { holding, delivery } = sending;
    const { room, onRoom } = this.#parts;
    try {
      sending.attempt = await this.#send(sending);
      this.#parts.onAttempt?.(sending.attempt.result.status);
    } finally {
      sending.state = 'ended';
      room.free(delivery.endpointId);
      this.#advance(delivery.endpointId);
      onRoom();
      if (!holding.leaves && holding.sendings.every(isOver)) this.#leave(holding);
    }
    void this.#tellEnd(sending, sending.attempt);
  }

  async #tellEnd(sending: Sending, attempt: Attempt): Promise<void> {
    const left = await sending.holding.left.promise;
    if (left && !sending.stored) this.#parts.onEnded(sending.delivery, attempt);
  }

  async #send({ holding, destination, delivery }: Sending): Promise<Attempt> {
    holding.body ??= this.#bodyOf(holding);
    const body = await holding.body;
    const { endpoint } = destination;
    if (body === null) return notSent('dropped', 'subject_deleted', { at: this.#parts.clock(), endpoint });
    return sendPayload(this.#parts, { delivery, destination, body });
  }

  async #bodyOf({ event, told }: Holding): Promise<string | null> {
    const { readers, present } = this.#parts;
    const { id: eventId, type, workspaceId, subjectId, createdAt: at } = event;
    const loaded = told ?? (await loadSubject(readers, { type, workspaceId, subjectId, eventId, eventAt: at }));
    return loaded && present({ type, workspaceId, at, subject: loaded.subject, mode: loaded.mode });
  }

  #sweep(): void {
    const now = performance.now();
    for (const holding of this.#held) {
      // the oldest come first
      if (now - holding.since < leavesAfterMs) break;
      if (holding.sendings.length > 0) this.#leave(holding);
    }
    if (this.#held.size > 0 || !this.#sweeping) return;
    clearInterval(this.#sweeping);
    this.#sweeping = null;
  }

  /** Takes it out of the outbox; what has not begun of it waits in the store from now on. */
  #leave(holding: Holding): void {
    this.#held.delete(holding);
    const waiting = holding.sendings.filter(isWaiting);
    for (const sending of waiting) this.#putBehind(sending);
    this.#settler.add(holding);
    if (!holding.sendings.some(({ state }) => state === 'behind')) return;
    void holding.left.promise.then(() => this.#parts.onWaiting());
  }

  #putBehind(sending: Sending): void {
    const { endpointId } = sending.delivery;
    sending.state = 'behind';
    this.#behind.add(endpointId);
    const line = this.#lines.get(endpointId);
    // whoever leaves has waited longest, and so is at the front
    const place = line?.indexOf(sending) ?? -1;
    if (!line || place === -1) return;
    line.splice(place, 1);
    if (line.length === 0) this.#lines.delete(endpointId);
  }
}

const isWaiting = ({ state }: Sending): boolean => state === 'waiting';

/** This process has nothing more to begin or to wait for. */
const isOver = ({ state }: Sending): boolean => state === 'ended' || state === 'behind';
