/** How often a stop looks whether all has ended. */
const lookEveryMs = 20;

/** What this process still takes on: everything, then only what is here already, then nothing. */
export class TurnIntake {
  /** Messages on their way to becoming turns here. */
  #accepting = 0;
  #draining = false;
  #handedOver = false;

  get draining(): boolean {
    return this.#draining;
  }

  get handedOver(): boolean {
    return this.#handedOver;
  }

  async accepting<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#accepting += 1;
    try {
      return await work();
    } finally {
      this.#accepting -= 1;
    }
  }

  /** Resolves once nothing is accepted and `countHere` gives 0, at the latest after `waitMs`. */
  async drain(waitMs: number, countHere: () => number): Promise<void> {
    this.#draining = true;
    const giveUpAt = performance.now() + waitMs;
    while (this.#accepting + countHere() > 0 && performance.now() < giveUpAt) {
      await new Promise((resolve) => {
        setTimeout(resolve, lookEveryMs);
      });
    }
  }

  close(): void {
    this.#handedOver = true;
  }
}
