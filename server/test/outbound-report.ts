import type { Canary } from './canary.ts';

/** Counts the addresses of the corpus that were tried, and tells in a line what came of them. */
export const corpusReport = (what: string) => {
  const entrances = new Set<string>();
  let tried = 0;
  return {
    /** `count` forms of an address were handed to an entrance, and dealt with. */
    add(entrance: string, count = 1): void {
      entrances.add(entrance);
      tried += count;
    },
    write(canary: Canary): void {
      const { size } = entrances;
      const line = `${what}: ${tried} addresses tried at ${size} entrances (${[...entrances].join(', ')}), ${canary.visits.length} connections at the canary`;
      process.stdout.write(`${line}\n`);
    },
  };
};
