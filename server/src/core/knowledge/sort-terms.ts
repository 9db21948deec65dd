import { setImmediate } from 'node:timers/promises';

/** Terms that are sorted, or put in their place, in one go, about 2 ms, before turns get their share of the processor. */
const termsPerBreath = 4_096;

/**
 * Terms in the order of their UTF-16 units, as `<` has it. Hundreds of thousands of them are sorted in runs, which are then
 * merged: in one piece others would wait for a quarter of a second.
 */
export const sortTerms = async (terms: readonly string[]): Promise<string[]> => {
  let runs: string[][] = [];
  for (let at = 0; at < terms.length; at += termsPerBreath) {
    if (at > 0) await setImmediate();
    runs.push(terms.slice(at, at + termsPerBreath).toSorted(byUnits));
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await merge(runs[at] ?? [], runs[at + 1] ?? []));
    runs = merged;
  }
  return runs[0] ?? [];
};

const byUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const merge = async (one: readonly string[], other: readonly string[]): Promise<string[]> => {
  const all: string[] = [];
  let at = 0;
  let otherAt = 0;
  while (all.length < one.length + other.length) {
    if (all.length % termsPerBreath === termsPerBreath - 1) await setImmediate();
    const term = one[at];
    const otherTerm = other[otherAt];
    if (term !== undefined && (otherTerm === undefined || term <= otherTerm)) {
      all.push(term);
      at++;
    } else {
      all.push(otherTerm ?? '');
      otherAt++;
    }
  }
  return all;
};
