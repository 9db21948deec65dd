import type { Clock } from '../../kit/clock.ts';

export type BreakerPolicy = {
  /** What is counted reaches back this far. */
  windowMs: number;
  /** All three must be met for the breaker to open. */
  minFailures: number;
  minRequests: number;
  minFailureShare: number;
  /** How long it stays open before one request may try. */
  restMs: number;
};

export const defaultBreakerPolicy: BreakerPolicy = {
  windowMs: 30_000,
  minFailures: 5,
  minRequests: 10,
  minFailureShare: 0.5,
  restMs: 15_000,
};

/** `neutral`: it tells nothing about the provider (aborted by us, nothing to say). */
export type BreakerOutcome = 'ok' | 'failed' | 'neutral';

/** Leave to ask a model once. `done` must be called when the request has ended. */
export type BreakerPass = { done(outcome: BreakerOutcome): void };

/** The window is counted in this many parts; the oldest part is forgotten as a whole. */
const BUCKETS = 6;

type Bucket = { slot: number; requests: number; failures: number };

/**
 * Keeps requests away from a model that keeps failing, so that a turn goes to the next one at once. Closed: all pass.
 * Open: none. After `restMs` a single request probes; it closes or opens the breaker again.
 */
export class Breaker {
  readonly #policy: BreakerPolicy;
  readonly #clock: Clock;
  #buckets: Bucket[] = [];
  #openedAt: number | null = null;
  #probing = false;

  constructor(policy: BreakerPolicy, clock: Clock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Null where the model must not be asked now. */
  admit(): BreakerPass | null {
    if (this.#openedAt === null) return { done: (outcome) => this.#count(outcome) };
    const rested = this.#clock() - this.#openedAt;
    // A clock that was set back must not keep the breaker open for as long.
    const resting = rested >= 0 && rested < this.#policy.restMs;
    if (resting || this.#probing) return null;
    this.#probing = true;
    return { done: (outcome) => this.#endProbe(outcome) };
  }

  /** True while requests are kept away, also while one of them probes. */
  get isOpen(): boolean {
    return this.#openedAt !== null;
  }

  #endProbe(outcome: BreakerOutcome): void {
    this.#probing = false;
    if (outcome === 'ok') {
      this.#openedAt = null;
      this.#buckets = [];
    } else if (outcome === 'failed') {
      this.#openedAt = this.#clock();
    }
  }

  /** Requests that began before the breaker opened and end while it is open change nothing. */
  #count(outcome: BreakerOutcome): void {
    if (outcome === 'neutral' || this.#openedAt !== null) return;
    const bucket = this.#currentBucket();
    bucket.requests += 1;
    if (outcome === 'ok') return;
    bucket.failures += 1;
    if (this.#failsTooOften()) this.#openedAt = this.#clock();
  }

  #currentBucket(): Bucket {
    const slot = Math.floor(this.#clock() / (this.#policy.windowMs / BUCKETS));
    this.#buckets = this.#buckets.filter((bucket) => bucket.slot <= slot && bucket.slot > slot - BUCKETS);
    const last = this.#buckets.at(-1);
    if (last?.slot === slot) return last;
    const bucket = { slot, requests: 0, failures: 0 };
    this.#buckets.push(bucket);
    return bucket;
  }

  #failsTooOften(): boolean {
    let requests = 0;
    let failures = 0;
    for (const bucket of this.#buckets) {
      requests += bucket.requests;
      failures += bucket.failures;
    }
    const { minFailures, minRequests, minFailureShare } = this.#policy;
    return failures >= minFailures && requests >= minRequests && failures / requests >= minFailureShare;
  }
}

/** Models with a breaker; the one that was asked longest ago is forgotten first. */
const MAX_BREAKERS = 1000;

/** The breakers of all models, by `provider/model`. */
export class Breakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #clock: Clock;
  readonly #policy: BreakerPolicy;

  constructor(clock: Clock, policy: BreakerPolicy = defaultBreakerPolicy) {
    this.#clock = clock;
    this.#policy = policy;
  }

  of(model: string): Breaker {
    const breaker = this.#breakers.get(model) ?? new Breaker(this.#policy, this.#clock);
    // Deleting first moves it to the end, so that the map's order is that of use.
    this.#breakers.delete(model);
    this.#breakers.set(model, breaker);
    const oldest = this.#breakers.keys().next();
    if (this.#breakers.size > MAX_BREAKERS && oldest.done === false) this.#breakers.delete(oldest.value);
    return breaker;
  }

  /** The names of those that keep requests away. */
  get open(): string[] {
    return [...this.#breakers].flatMap(([name, { isOpen }]) => (isOpen ? [name] : []));
  }
}
