/** Counted in the running window, and how long it still runs. */
export type Counted = { count: number; resetMs: number };

type Window = { count: number; endsAt: number };

/**
 * Counts by name in fixed windows that begin with the first count. Holds at most `maxNames` windows, about 100 bytes each:
 * past it the oldest is given up, so that a flood of names costs no memory and stops nobody else.
 */
export class WindowCounter {
  readonly #windows = new Map<string, Window>();
  readonly #windowMs: number;
  readonly #maxNames: number;

  constructor(options: { windowMs: number; maxNames: number }) {
    this.#windowMs = options.windowMs;
    this.#maxNames = options.maxNames;
  }

  get size(): number {
    return this.#windows.size;
  }

  /** Counts one more. `now` in milliseconds. */
  count(name: string, now: number): Counted {
    const running = this.#windows.get(name);
    if (running && running.endsAt > now) {
      running.count += 1;
      return { count: running.count, resetMs: running.endsAt - now };
    }
    // a Map keeps the order of insertion, and windows are of one length: the first are those that end first
    this.#windows.delete(name);
    this.#windows.set(name, { count: 1, endsAt: now + this.#windowMs });
    this.#giveUp(now);
    return { count: 1, resetMs: this.#windowMs };
  }

  /** Two that have ended go for each that begins, so that what is over does not stay; past the limit the oldest goes. */
  #giveUp(now: number): void {
    let looked = 0;
    for (const [name, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size <= this.#maxNames) return;
      this.#windows.delete(name);
      looked += 1;
      if (looked === 2) return;
    }
  }
}
