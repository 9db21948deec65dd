import { median } from '../quantile.ts';
import type { Served, TurnRequest } from './server.ts';

/** A kind of turn in something of one size; `call` counts up. */
export type Variant = { size: number; served: Served; request: (call: number) => TurnRequest };

/** Turns that are not counted: for compilers, caches and prepared statements. */
const warmRounds = 400;

/** Milliseconds of a turn at each size, one turn at a time, as medians; the sizes take turns. */
export const measureVariants = async (variants: readonly Variant[], rounds: number): Promise<number[]> => {
  const times = variants.map((): number[] => []);
  for (let round = 0; round < warmRounds + rounds; round++) {
    // who went first goes last in the next round
    for (let place = 0; place < variants.length; place++) {
      const index = (place + round) % variants.length;
      const variant = variants[index];
      if (!variant) continue;
      const { elapsedMs } = await variant.served.turn(variant.request(round));
      if (round >= warmRounds) times[index]?.push(elapsedMs);
    }
  }
  return times.map(median);
};

/** Calls of one run: as many different conversations must there be. */
export const callsOf = (rounds: number): number => warmRounds + rounds;
