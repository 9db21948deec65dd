import { createHash } from 'node:crypto';

/** Enough to tell one text from another; what was in it cannot be learned from it. */
const referenceCharacters = 11;

/** By it a receipt finds a text again that has no id. */
export const referenceOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, referenceCharacters);
