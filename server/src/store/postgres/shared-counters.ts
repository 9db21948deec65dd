/** Counters that several turns of a statement count in, each once, and for each turn which of them. */
export type SharedCounters<Counter> = { counters: Counter[]; places: number[][] };

/**
 * Collects what the paths of several turns lead through. In the order of the list they are locked, so all statements keep
 * to one: the periods one after the other, and within one the outer counters first. A path names them so; and the longest
 * come first, since an outer counter is what a path may be without. Counters are the same where all they say is.
 */
export const shareCounters = <Counter extends { period_start: number }>(
  paths: readonly (readonly Counter[])[],
): SharedCounters<Counter> => {
  const counters: Counter[] = [];
  const placeOf = new Map<string, number>();
  const places: number[][] = paths.map(() => []);
  for (const [turn, path] of [...paths.entries()].toSorted(byLocks)) {
    places[turn] = path.map((counter) => {
      const key = JSON.stringify(counter);
      const known = placeOf.get(key);
      if (known !== undefined) return known;
      placeOf.set(key, counters.length);
      return counters.push(counter) - 1;
    });
  }
  return { counters, places };
};

type NumberedPath = [turn: number, path: readonly { period_start: number }[]];

const byLocks = ([, one]: NumberedPath, [, other]: NumberedPath): number =>
  (one[0]?.period_start ?? 0) - (other[0]?.period_start ?? 0) || other.length - one.length;
