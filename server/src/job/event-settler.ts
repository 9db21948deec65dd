import { ParleyError } from '../core/error.ts';
import type { EventQueue } from '../core/webhook/event-queue.ts';
import { type Holding, settledEvent } from './held-event.ts';

/** Events that leave the outbox in one unit; with 20 endpoints it is two thousand rows. */
const eventsPerBatch = 100;
/** How long one whose attempts have ended waits for others, to leave with them. */
const settleAfterMs = 20;
/** What waits for one endpoint; events beyond are dropped, and noted as such. */
const maxPending = 10_000;

type SettlerParts = {
  events: Pick<EventQueue, 'settle'>;
  clock: () => number;
  onError: (error: unknown) => void;
};

/** Takes events out of the outbox, many at once. What stays in it is somebody's again once it is held no longer. */
export class EventSettler {
  readonly #parts: SettlerParts;
  #waiting: Holding[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  /** As it is now: attempts that end later are stored as those of claimed deliveries. */
  add(holding: Holding): void {
    holding.leaves = true;
    this.#waiting.push(holding);
    if (this.#waiting.length >= eventsPerBatch) void this.writeNow();
    else this.#timer ??= setTimeout(() => void this.writeNow(), settleAfterMs);
  }

  /** One batch behind the other. */
  writeNow(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, eventsPerBatch);
      try {
        await this.#write(batch);
        for (const { left } of batch) left.resolve(true);
      } catch (error) {
        this.#parts.onError(error);
        const isAway = error instanceof ParleyError && error.code === 'storage_unavailable';
        // one that cannot be stored does not take the others along; where the store is away none can
        for (const holding of batch) holding.left.resolve(!isAway && (await this.#writeAlone(holding)));
      }
    }
  }

  #write(holdings: readonly Holding[]): Promise<void> {
    return this.#parts.events.settle(holdings.map(settledEvent), { maxPending, at: this.#parts.clock() });
  }

  async #writeAlone(holding: Holding): Promise<boolean> {
    try {
      await this.#write([holding]);
      return true;
    } catch (error) {
      this.#parts.onError(error);
      return false;
    }
  }
}
