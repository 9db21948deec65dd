/**
 * Passages are compared as if among so many: what the only one holds, or one of two, would else tell nothing, and the
 * scores of a small knowledge could not be compared with those of a large one.
 */
const fewest = 6;

/**
 * What signs of a question tell of the passages that are compared for it: the fewer hold one, the more. What stands in all
 * of them tells nothing between them, however rare it is elsewhere. `parts`: what each sign counts by itself, 0 to 1. The
 * weights sum up to 1.
 */
export const rarityAmong = (held: readonly ReadonlySet<number>[], parts: readonly number[]): Float64Array => {
  const holders = new Float64Array(parts.length);
  for (const present of held) for (const sign of present) holders[sign] = (holders[sign] ?? 0) + 1;
  const all = Math.max(fewest, held.length);
  const weights = holders.map((count, sign) => (parts[sign] ?? 0) * Math.log(1 + (all - count + 0.5) / (count + 0.5)));
  const sum = weights.reduce((one, other) => one + other, 0) || 1;
  return weights.map((weight) => weight / sum);
};

/** The weight of the signs that are held, 0 to 1. */
export const weightOf = (signs: ReadonlySet<number>, weights: Float64Array): number => {
  let sum = 0;
  for (const sign of signs) sum += weights[sign] ?? 0;
  return sum;
};
