import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../kit/clock.ts';

type Origin = { nextAt: number; busy: boolean };

/** Origins that are remembered; those whose pause is over are forgotten first, then the one whose pause ends first. */
const maxOrigins = 10_000;

/** Lets one request at a time through to each origin, and a pause between two. */
export class OriginGate {
  readonly #clock: Clock;
  readonly #origins = new Map<string, Origin>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Origins that are remembered. */
  get size(): number {
    return this.#origins.size;
  }

  /**
   * Runs `request` once the origin may be asked again, and `delayMs` keeps others off behind it. Where that would take
   * longer than `patienceMs` nothing is done, and `retryAt` says when to come back.
   */
  async pass<Result>(
    origin: string,
    { delayMs, patienceMs, signal }: { delayMs: number; patienceMs: number; signal: AbortSignal },
    request: () => Promise<Result>,
  ): Promise<{ result: Result } | { retryAt: number }> {
    const until = this.#clock() + patienceMs;
    for (;;) {
      signal.throwIfAborted();
      const known = this.#origins.get(origin);
      const now = this.#clock();
      if (!known || (!known.busy && known.nextAt <= now)) break;
      const readyAt = known.busy ? now + pollMs : known.nextAt;
      if (readyAt > until) return { retryAt: known.busy ? now + patienceMs : known.nextAt };
      await setTimeout(Math.max(1, readyAt - now), undefined, { signal });
    }
    const held: Origin = { nextAt: 0, busy: true };
    this.#remember(origin, held);
    try {
      return { result: await request() };
    } finally {
      held.busy = false;
      held.nextAt = Math.max(held.nextAt, this.#clock() + delayMs);
    }
  }

  /** Keeps everybody off an origin until then, since its server asked for it. */
  holdOff(origin: string, until: number): void {
    const known = this.#origins.get(origin) ?? { nextAt: 0, busy: false };
    known.nextAt = Math.max(known.nextAt, until);
    this.#remember(origin, known);
  }

  #remember(origin: string, state: Origin): void {
    if (!this.#origins.has(origin) && this.#origins.size >= maxOrigins) this.#makeRoom();
    this.#origins.set(origin, state);
  }

  /** One that is asked at this moment is kept, since nobody else may ask it; they are as few as the readers. */
  #makeRoom(): void {
    const now = this.#clock();
    let first: { origin: string; nextAt: number } | null = null;
    for (const [origin, { busy, nextAt }] of this.#origins) {
      if (busy) continue;
      if (nextAt <= now) this.#origins.delete(origin);
      else if (first === null || nextAt < first.nextAt) first = { origin, nextAt };
    }
    if (first !== null && this.#origins.size >= maxOrigins) this.#origins.delete(first.origin);
  }
}

/** How often a request that waits for another looks again. */
const pollMs = 50;
