import { type Clock, systemClock } from './clock.ts';

type Entry<Value> = { value: Value; weight: number; usedAt: number };

/**
 * Keeps values that weigh at most `maxWeight` together: when they are too much, the one that was not asked for the longest
 * goes first. One that nobody asked for in `idleMs` goes by itself, within twice that time, whether or not anything is
 * added. A value that is too heavy alone is not kept.
 */
export class WeighedCache<Key, Value> {
  /** The one that was not asked for the longest comes first. */
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #maxWeight: number;
  readonly #idleMs: number;
  readonly #clock: Clock;
  #weight = 0;
  #isWatched = false;

  constructor(options: { maxWeight: number; idleMs: number; clock?: Clock }) {
    this.#maxWeight = options.maxWeight;
    this.#idleMs = options.idleMs;
    this.#clock = options.clock ?? systemClock;
  }

  /** Of all values, in the unit of `set`. */
  get weight(): number {
    return this.#weight;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.delete(key);
    if (this.#isIdle(entry)) return undefined;
    this.#add(key, entry.value, entry.weight);
    return entry.value;
  }

  /** To be called again where a value has grown. */
  set(key: Key, value: Value, weight: number): void {
    this.delete(key);
    if (weight > this.#maxWeight) return;
    this.#add(key, value, weight);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#maxWeight) break;
      this.delete(oldest);
    }
    if (!this.#isWatched) this.#watch();
  }

  delete(key: Key): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0;
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  #add(key: Key, value: Value, weight: number): void {
    this.#entries.set(key, { value, weight, usedAt: this.#clock() });
    this.#weight += weight;
  }

  #isIdle({ usedAt }: Entry<Value>): boolean {
    return this.#clock() - usedAt >= this.#idleMs;
  }

  #watch(): void {
    this.#isWatched = true;
    setTimeout(() => {
      for (const [key, entry] of this.#entries) {
        if (!this.#isIdle(entry)) break;
        this.delete(key);
      }
      this.#isWatched = false;
      if (this.#entries.size > 0) this.#watch();
    }, this.#idleMs).unref();
  }
}
