/** A step of a stop: the name is for the log. */
export type ClosingStep = readonly [name: string, close: () => unknown];

/**
 * What is to be closed: what was added last comes first, steps that were added together in their order. A step that fails
 * is told to `onError`, and the others follow all the same.
 */
export class Closing {
  readonly #onError: (step: string, error: unknown) => void;
  #steps: ClosingStep[] = [];
  #closed: Promise<void> | null = null;

  constructor(onError: (step: string, error: unknown) => void) {
    this.#onError = onError;
  }

  add(...steps: readonly ClosingStep[]): void {
    this.#steps = [...steps, ...this.#steps];
  }

  /** Runs every step once, however often it is called; resolves when all have ended, and never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<void> {
    for (const [name, close] of this.#steps) {
      try {
        await close();
      } catch (error) {
        this.#onError(name, error);
      }
    }
  }
}
