import { MAX_REMEMBERED_MODELS } from './limits.ts';

/**
 * What was learned about how the models of one provider want to be asked. Lost at a restart, at the price of one
 * refused request a model.
 */
export class QuirkMemory<Quirks> {
  readonly #known = new Map<string, Quirks>();
  readonly #initial: (model: string) => Quirks;

  /** `initial` is what is assumed of a model before it has refused anything. */
  constructor(initial: (model: string) => Quirks) {
    this.#initial = initial;
  }

  of(model: string): Quirks {
    return this.#known.get(model) ?? this.#initial(model);
  }

  remember(model: string, quirks: Quirks): void {
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MAX_REMEMBERED_MODELS && oldest.done === false) this.#known.delete(oldest.value);
    this.#known.set(model, quirks);
  }
}
