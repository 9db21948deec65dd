import { ParleyError } from '../core/error.ts';
import type { Transact } from '../core/store.ts';
import type { Attempt } from '../core/webhook/attempt-delivery.ts';
import { noteAttempt } from '../core/webhook/note-attempt.ts';
import type { ClaimedDelivery } from '../core/webhook/webhook-delivery.ts';

/** Attempts whose ends are stored in one transaction. */
const notesPerBatch = 100;
/** How long an attempt that has ended waits for others, to be stored with them. */
const noteAfterMs = 20;

/** An attempt that is over, and not stored yet. */
type Ended = { delivery: ClaimedDelivery; attempt: Attempt };

type NoteParts = {
  transact: Transact;
  onError: (error: unknown) => void;
  /** Called once something that was stored is to be tried again. */
  onPostponed: () => void;
};

/**
 * Stores how attempts at claimed deliveries have ended, and what that says of their endpoints. What cannot be stored is
 * attempted again once its claim has run out, which also bounds what waits here.
 */
export class AttemptNotes {
  readonly #parts: NoteParts;
  #ended: Ended[] = [];
  #timer: NodeJS.Timeout | null = null;
  #noting: Promise<void> = Promise.resolve();

  constructor(parts: NoteParts) {
    this.#parts = parts;
  }

  add(delivery: ClaimedDelivery, attempt: Attempt): void {
    this.#ended.push({ delivery, attempt });
    if (this.#ended.length >= notesPerBatch) void this.storeNow();
    else this.#timer ??= setTimeout(() => void this.storeNow(), noteAfterMs);
  }

  /** Stores what has ended, one batch behind the other. */
  storeNow(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#noting = this.#noting.then(() => this.#storeEnded());
    return this.#noting;
  }

  async #storeEnded(): Promise<void> {
    while (this.#ended.length > 0) {
      const batch = this.#ended.splice(0, notesPerBatch);
      try {
        await this.#store(batch);
      } catch (error) {
        this.#parts.onError(error);
        // one that cannot be stored does not take the others along; where the store is away none can
        if (!(error instanceof ParleyError && error.code === 'storage_unavailable')) await this.#storeEach(batch);
      }
      // one that is to be tried again has its time now
      if (batch.some(({ attempt }) => attempt.result.status === 'pending')) this.#parts.onPostponed();
    }
  }

  #store(batch: readonly Ended[]): Promise<void> {
    return this.#parts.transact(async (writers) => {
      for (const { delivery, attempt } of batch) await noteAttempt(writers, delivery, attempt);
    });
  }

  async #storeEach(batch: readonly Ended[]): Promise<void> {
    for (const ended of batch) await this.#store([ended]).catch((error: unknown) => this.#parts.onError(error));
  }
}
