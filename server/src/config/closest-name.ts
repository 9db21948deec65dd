/** More wrong letters than this, and a name was not meant. */
const maxDistance = 5;

/** Levenshtein's distance: how many letters to insert, remove or replace. */
const distance = (from: string, to: string): number => {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of from.split('').entries()) {
    const current = [row + 1];
    for (const [column, other] of to.split('').entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
};

/** The known name that a mistyped one most likely meant; null where none is near. */
export const closestName = (name: string, known: readonly string[]): string | null => {
  let best: { candidate: string; steps: number } | null = null;
  for (const candidate of known) {
    const steps = distance(name, candidate);
    if (steps <= maxDistance && (best === null || steps < best.steps)) best = { candidate, steps };
  }
  return best?.candidate ?? null;
};
