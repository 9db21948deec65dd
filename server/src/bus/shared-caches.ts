import type { ReplicaBus } from './replica-bus.ts';

/** Drops what is remembered of one thing; without its name, of everything. */
type Forget = (...names: string[]) => void;

/** What every process remembers for itself, and drops wherever one of them has changed it. */
export class SharedCaches {
  readonly #bus: ReplicaBus;
  readonly #forgets = new Map<string, Forget>();

  constructor(bus: ReplicaBus) {
    this.#bus = bus;
    bus.on('changed', ({ name, args }) => this.#forgets.get(name)?.(...args));
  }

  /**
   * `forget`, which from now on is called here for changes of other processes too, and tells them of those made here.
   * `forgetAll`: where their messages may have been missed.
   */
  share<Names extends string[]>(
    name: string,
    forget: (...names: Names) => void,
    forgetAll: () => void,
  ): (...names: Names) => void {
    this.#forgets.set(name, forget as unknown as Forget);
    this.#bus.onMissed(forgetAll);
    return (...names) => {
      forget(...names);
      this.#bus.tell({ type: 'changed', name, args: names });
    };
  }
}
