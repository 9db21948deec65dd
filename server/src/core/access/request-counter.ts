import type { Clock } from '../../kit/clock.ts';
import { type Counted, WindowCounter } from '../../kit/window-counter.ts';

/** Counts by name in fixed windows that begin with the first count. */
export type RequestCounter = {
  /** Counts one more; at once where it is counted in this process. */
  count(name: string): Counted | Promise<Counted>;
};

export type CounterOptions = {
  /** Tells counters apart; a name may be in several. */
  name: string;
  /** Whole seconds. */
  windowMs: number;
  /** Names counted at once in the memory of this process, some 100 bytes each. */
  maxNames: number;
};

export type CreateCounter = (options: CounterOptions) => RequestCounter;

/** Counters of this process alone. */
export const createLocalCounter =
  (clock: Clock): CreateCounter =>
  (options) => {
    const counter = new WindowCounter(options);
    return { count: (name) => counter.count(name, clock()) };
  };
