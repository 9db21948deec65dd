import { type Clock, systemClock } from './clock.ts';

type Entry<Value> = { value: Value; expiresAt: number };

/**
 * Keeps at most `maxEntries` values for `ttlMs` each. When it is full the value that was not asked for the longest goes
 * first. Nothing is loaded here: who misses, loads and sets.
 */
export class BoundedCache<Key, Value> {
  readonly #entries = new Map<Key, Entry<Value>>();
  readonly #maxEntries: number;
  readonly #ttlMs: number;
  readonly #clock: Clock;

  constructor(options: { maxEntries: number; ttlMs: number; clock?: Clock }) {
    if (options.maxEntries < 1) throw new RangeError('a cache holds at least one entry');
    this.#maxEntries = options.maxEntries;
    this.#ttlMs = options.ttlMs;
    this.#clock = options.clock ?? systemClock;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= this.#clock()) return undefined;
    // a Map keeps the order of insertion: put back, the entry is the youngest
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `ttlMs` may be given for this value alone. */
  set(key: Key, value: Value, ttlMs: number = this.#ttlMs): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAt: this.#clock() + ttlMs });
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
