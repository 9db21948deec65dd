/** Attempts at once: they mostly wait for somebody else. */
const maxAttempts = 256;
/** Of them to one endpoint: a slow one holds up no other, and is not overrun. */
export const maxPerEndpoint = 16;

/** How many attempts run, and to whom: what may begin depends on both. */
export class SendingRoom {
  readonly #running = new Map<string, number>();
  #count = 0;

  /** Attempts that may still begin. */
  get left(): number {
    return maxAttempts - this.#count;
  }

  /** By endpoint. */
  get running(): ReadonlyMap<string, number> {
    return this.#running;
  }

  /** Takes a place; false where there is none. */
  take(endpointId: string): boolean {
    const running = this.#running.get(endpointId) ?? 0;
    if (running >= maxPerEndpoint || this.left <= 0) return false;
    this.enter(endpointId);
    return true;
  }

  /** For what has begun already: while it was claimed, others may have taken the last place. */
  enter(endpointId: string): void {
    this.#running.set(endpointId, (this.#running.get(endpointId) ?? 0) + 1);
    this.#count += 1;
  }

  free(endpointId: string): void {
    const running = this.#running.get(endpointId) ?? 0;
    if (running <= 1) this.#running.delete(endpointId);
    else this.#running.set(endpointId, running - 1);
    this.#count -= 1;
  }
}
