export type GateLimits = {
  /** Works at once, and those of one owner among them. */
  places: number;
  placesOfOne: number;
  /** Works that may wait, and those of one owner among them. */
  waiting: number;
  waitingOfOne: number;
};

type Line = { running: number; waiters: (() => void)[] };

/**
 * Lets a number of works run at once, fewer of them of one owner, so that one whose works take long holds up no other. Those
 * of one owner begin in their order, owners take turns.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #full: () => Error;
  /** Of owners that have works here; whose turn it is comes first. */
  readonly #lines = new Map<string, Line>();
  #running = 0;
  #waiting = 0;

  /** `full`: what is thrown where too many wait. */
  constructor(limits: GateLimits, full: () => Error) {
    this.#limits = limits;
    this.#full = full;
  }

  /** Throws what `full` makes where too many wait. */
  async run<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(owner) ?? { running: 0, waiters: [] };
    if (this.#hasPlace(line)) this.#enter(owner, line);
    else await this.#wait(owner, line);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      line.running -= 1;
      if (line.running === 0 && line.waiters.length === 0) this.#lines.delete(owner);
      this.#advance();
    }
  }

  #hasPlace(line: Line): boolean {
    return this.#running < this.#limits.places && line.running < this.#limits.placesOfOne;
  }

  #enter(owner: string, line: Line): void {
    this.#lines.set(owner, line);
    this.#running += 1;
    line.running += 1;
  }

  #wait(owner: string, line: Line): Promise<void> {
    const { waiting, waitingOfOne } = this.#limits;
    if (this.#waiting >= waiting || line.waiters.length >= waitingOfOne) {
      throw this.#full();
    }
    this.#lines.set(owner, line);
    this.#waiting += 1;
    return new Promise((resolve) => {
      line.waiters.push(resolve);
    });
  }

  /** Gives free places to those who wait. Lines that are passed over have works that run, and so are few. */
  #advance(): void {
    for (const [owner, line] of this.#lines) {
      if (this.#running >= this.#limits.places) return;
      if (!this.#hasPlace(line)) continue;
      const next = line.waiters.shift();
      if (!next) continue;
      this.#waiting -= 1;
      // to the end: the others come before it the next time
      this.#lines.delete(owner);
      this.#enter(owner, line);
      next();
    }
  }
}
