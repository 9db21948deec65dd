/**
 * How long a piece of a reply may wait for the next ones, in milliseconds: what a screen takes for one picture. A piece
 * costs the same however long it is, most of it in the system, and a fast model says one each few milliseconds.
 */
export const gatherMs = 16;

/** When the open streams are written: on one immediate and one timer, however many they are. */
export class WritePace {
  readonly #soon = new Set<() => void>();
  readonly #later = new Set<() => void>();

  /** Calls `write` behind the reads of this tick, so that pieces that came together leave together. */
  soon(write: () => void): void {
    if (this.#soon.size === 0) setImmediate(() => call(this.#soon));
    this.#soon.add(write);
  }

  /** Calls `write` within `gatherMs`, with all others that wait so. */
  later(write: () => void): void {
    if (this.#later.size === 0) setTimeout(() => call(this.#later), gatherMs);
    this.#later.add(write);
  }
}

/** What is added meanwhile has its own time. */
const call = (waiting: Set<() => void>): void => {
  const writes = [...waiting];
  waiting.clear();
  for (const write of writes) write();
};
