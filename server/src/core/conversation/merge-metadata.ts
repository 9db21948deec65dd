import { ParleyError } from '../error.ts';

const maxPairs = 16;

/** A change of metadata: null or an empty string removes the pair of that name. */
export type MetadataChange = Readonly<Record<string, string | null>>;

/** `stored` with `change` laid over it; other pairs stay. Throws invalid_request where more than 16 pairs would be kept. */
export const mergeMetadata = (
  stored: Readonly<Record<string, string>>,
  change: MetadataChange,
): Record<string, string> => {
  const merged = new Map(Object.entries(stored));
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '') merged.delete(name);
    else merged.set(name, value);
  }
  if (merged.size > maxPairs) {
    throw new ParleyError('invalid_request', `\`metadata\` holds at most ${maxPairs} pairs; remove some with null.`, {
      param: 'metadata',
    });
  }
  return Object.fromEntries(merged);
};
